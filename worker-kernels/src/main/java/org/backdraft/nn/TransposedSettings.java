package org.backdraft.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * What transposed convolutions over images and volumes have in common.
 *
 * @param outputPadding for each axis, outermost first
 */
record TransposedSettings(ConvolutionSettings convolution, List<Integer> outputPadding) {
  /** Positions added behind the output, of the many that a stride larger than 1 allows. */
  static final String OUTPUT_PADDING = "output_padding";

  TransposedSettings {
    List<WindowAxis> axes = WindowAttributes.axes(convolution.window(), convolution.axes());
    boolean fits = outputPadding.size() == axes.size();
    for (int i = 0; fits && i < axes.size(); i++) {
      int padding = outputPadding.get(i);
      fits = padding >= 0 && padding < Math.max(axes.get(i).stride(), axes.get(i).dilation());
    }
    Checks.argument(
        fits,
        "The %s of a %s layer must be at least 0 and, along each axis, smaller than the stride or the"
            + " dilation: got %s.",
        OUTPUT_PADDING,
        convolution.type(),
        outputPadding);
    outputPadding = List.copyOf(outputPadding);
  }

  /** The output padding, or an exception where no transposed convolution may have the settings. */
  static List<Integer> checked(
      String type,
      int axes,
      int out,
      Window window,
      List<Integer> outputPadding,
      int groups,
      boolean bias) {
    ConvolutionSettings convolution =
        new ConvolutionSettings(type, axes, out, window, groups, bias);
    return new TransposedSettings(convolution, outputPadding).outputPadding();
  }

  static List<String> names() {
    List<String> names = new ArrayList<>(ConvolutionSettings.NAMES);
    names.add(OUTPUT_PADDING);
    return List.copyOf(names);
  }

  static TransposedSettings read(String type, int axes, LayerAttributes attributes) {
    int[] padding = attributes.axes(OUTPUT_PADDING, axes, new int[axes]);
    return new TransposedSettings(
        ConvolutionSettings.read(type, axes, attributes), Arrays.stream(padding).boxed().toList());
  }

  Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>(convolution.attributes());
    attributes.put(OUTPUT_PADDING, outputPadding);
    return attributes;
  }

  /** {@code (n − 1)·s − 2p + d(k−1) + output padding + 1} along each axis. */
  Shape outputShape(List<Shape> inputs) {
    Shape input = convolution.input(inputs);
    List<WindowAxis> axes = WindowAttributes.axes(convolution.window(), convolution.axes());
    int[] dims = new int[input.dims()];
    dims[0] = convolution.out();
    for (int i = 0; i < axes.size(); i++) {
      WindowAxis axis = axes.get(i);
      dims[i + 1] =
          (input.dim(i + 1) - 1) * axis.stride()
              - 2 * axis.padding()
              + axis.reach()
              + outputPadding.get(i)
              + 1;
      Inputs.require(
          dims[i + 1] >= 1,
          "the padding must leave something of the output: got %s. Use a larger input or less"
              + " padding.",
          input);
    }
    return Shape.of(dims);
  }

  /** Each input element meets each tap and output channel of its group, borders included. */
  long multiplyAdds(Shape input) {
    Window window = convolution.window();
    return (long) input.elements() * (convolution.out() / convolution.groups()) * window.taps();
  }
}
