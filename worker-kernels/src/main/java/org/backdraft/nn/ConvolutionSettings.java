package org.backdraft.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterSpec.Role;
import org.backdraft.tensor.Shape;

/**
 * What convolutions over images and volumes and their transposes have in common.
 *
 * @param type in model files
 * @param axes {@link WindowAttributes#IMAGE} or {@link WindowAttributes#VOLUME}
 * @param out output channels
 * @param groups of channels that see nothing of each other
 */
record ConvolutionSettings(
    String type, int axes, int out, Window window, int groups, boolean bias) {
  static final List<String> NAMES =
      List.of("out", "kernel", "stride", "padding", "dilation", "groups", "bias");

  ConvolutionSettings {
    Checks.argument(out >= 1, "A %s layer needs at least 1 output channel: got %d.", type, out);
    Checks.argument(
        groups >= 1 && out % groups == 0,
        "The groups of a %s layer must divide its output channels: got %d groups, %d channels.",
        type,
        groups,
        out);
    if (axes == WindowAttributes.IMAGE) {
      WindowAttributes.checkImage(window, type);
    }
  }

  /** Refuses settings that no convolution may have. */
  static void check(String type, int axes, int out, Window window, int groups, boolean bias) {
    new ConvolutionSettings(type, axes, out, window, groups, bias);
  }

  static ConvolutionSettings read(String type, int axes, LayerAttributes attributes) {
    return new ConvolutionSettings(
        type,
        axes,
        attributes.integer("out"),
        WindowAttributes.read(attributes, axes, false),
        attributes.integer("groups", 1),
        attributes.flag("bias", true));
  }

  Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("out", out);
    WindowAttributes.write(window, axes, attributes);
    attributes.put("groups", groups);
    attributes.put("bias", bias);
    return attributes;
  }

  /** The only input, which must have the axes and channels that the groups divide. */
  Shape input(List<Shape> inputs) {
    Shape input = Inputs.withAxes(inputs, axes);
    Inputs.require(
        input.dim(0) % groups == 0,
        "the %d groups must divide the input's channels: got %s.",
        groups,
        input);
    return input;
  }

  /** Weight {@code (out, in / groups, window)} and bias of a convolution. */
  List<ParameterSpec> parameters(Shape input) {
    int in = input.dim(0) / groups;
    return parameters(out, in, in * window.taps(), out / groups * window.taps());
  }

  /**
   * Weight {@code (in, out / groups, window)} and bias of a transposed convolution. An output
   * element sees one tap in {@code stride} along each axis, which its fan-in counts.
   */
  List<ParameterSpec> transposedParameters(Shape input) {
    int in = input.dim(0);
    int strides = 1;
    for (WindowAxis axis : WindowAttributes.axes(window, axes)) {
      strides *= axis.stride();
    }
    int fanIn = Math.max(1, in / groups * window.taps() / strides);
    return parameters(in, out / groups, fanIn, out / groups * window.taps());
  }

  private List<ParameterSpec> parameters(int first, int second, int fanIn, int fanOut) {
    int[] dims = new int[axes + 2];
    dims[0] = first;
    dims[1] = second;
    List<WindowAxis> each = WindowAttributes.axes(window, axes);
    for (int i = 0; i < axes; i++) {
      dims[i + 2] = each.get(i).kernel();
    }
    ParameterSpec weight = new ParameterSpec("weight", Shape.of(dims), Role.WEIGHT, fanIn, fanOut);
    return bias
        ? List.of(weight, new ParameterSpec("bias", Shape.of(out), Role.BIAS, fanIn, fanOut))
        : List.of(weight);
  }
}
