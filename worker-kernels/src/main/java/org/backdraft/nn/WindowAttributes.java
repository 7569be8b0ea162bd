package org.backdraft.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * How a {@link Window} is written in model files, and the shapes that it makes. Layers over images
 * write two axes, height and width; those over volumes three, depth first.
 */
final class WindowAttributes {
  static final List<String> NAMES = List.of("kernel", "stride", "padding", "dilation");

  /** The axes of images and of volumes. */
  static final int IMAGE = 2;

  static final int VOLUME = 3;

  private WindowAttributes() {}

  /**
   * The last {@code count} axes of a window.
   *
   * @param count {@link #IMAGE} or {@link #VOLUME}
   */
  static List<WindowAxis> axes(Window window, int count) {
    return List.of(window.depth(), window.height(), window.width()).subList(VOLUME - count, VOLUME);
  }

  static void write(Window window, int count, Map<String, Object> to) {
    List<WindowAxis> axes = axes(window, count);
    to.put("kernel", each(axes, WindowAxis::kernel));
    to.put("stride", each(axes, WindowAxis::stride));
    to.put("padding", each(axes, WindowAxis::padding));
    to.put("dilation", each(axes, WindowAxis::dilation));
  }

  private static List<Integer> each(List<WindowAxis> axes, ToIntFunction<WindowAxis> value) {
    return axes.stream().mapToInt(value).boxed().toList();
  }

  /**
   * @param strideIsKernel whether the stride is the kernel where none is given (pooling), not 1
   */
  static Window read(LayerAttributes attributes, int count, boolean strideIsKernel) {
    int[] kernel = attributes.axes("kernel", count, null);
    int[] stride = attributes.axes("stride", count, strideIsKernel ? kernel : all(count, 1));
    int[] padding = attributes.axes("padding", count, all(count, 0));
    int[] dilation = attributes.axes("dilation", count, all(count, 1));
    List<WindowAxis> axes = new ArrayList<>(List.of(WindowAxis.POINT));
    for (int i = 0; i < count; i++) {
      axes.add(new WindowAxis(kernel[i], stride[i], padding[i], dilation[i]));
    }
    return new Window(axes.get(count - IMAGE), axes.get(count - 1), axes.get(count));
  }

  private static int[] all(int count, int value) {
    int[] values = new int[count];
    Arrays.fill(values, value);
    return values;
  }

  /** Refuses a window with a reach along the depth for a layer over images. */
  static void checkImage(Window window, String type) {
    Checks.argument(
        window.depth().equals(WindowAxis.POINT),
        "The window of a %s layer must be flat along the depth: got %s.",
        type,
        window.depth());
  }

  /** The shape of {@code channels} maps under the window. */
  static Shape output(Window window, Shape input, int channels) {
    return output(window, input, channels, false);
  }

  /** Likewise for pooling, by {@link WindowAxis#ceilOutputs} if {@code ceil}. */
  static Shape pooled(Window window, boolean ceil, Shape input) {
    return output(window, input, input.dim(0), ceil);
  }

  private static Shape output(Window window, Shape input, int channels, boolean ceil) {
    int count = input.dims() - 1;
    List<WindowAxis> axes = axes(window, count);
    int[] dims = new int[count + 1];
    dims[0] = channels;
    boolean fits = true;
    for (int i = 0; i < count; i++) {
      int extent = input.dim(i + 1);
      dims[i + 1] = ceil ? axes.get(i).ceilOutputs(extent) : axes.get(i).outputs(extent);
      fits &= dims[i + 1] >= 1;
    }
    Inputs.require(
        fits,
        "a window of %s (dilation %s, padding %s) must fit into the input: got %s."
            + " Use a larger input or more padding.",
        text(each(axes, WindowAxis::kernel)),
        text(each(axes, WindowAxis::dilation)),
        text(each(axes, WindowAxis::padding)),
        input);
    return Shape.of(dims);
  }

  /** As users write extents: {@code 3x5}. */
  static String text(List<Integer> extents) {
    return String.join("x", extents.stream().map(String::valueOf).toList());
  }
}
