package org.backdraft.nn;

import java.util.List;
import java.util.Map;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.Shape;

/** How a {@link Window} is written in model files, and the shapes that it makes. */
final class WindowAttributes {
  static final List<String> NAMES = List.of("kernel", "stride", "padding", "dilation");

  /** Whether a last window that is cut off by the border counts: pooling only. */
  static final String CEIL = "ceil";

  private WindowAttributes() {}

  static void write(Window window, Map<String, Object> to) {
    to.put("kernel", List.of(window.kernelH(), window.kernelW()));
    to.put("stride", List.of(window.strideH(), window.strideW()));
    to.put("padding", List.of(window.paddingH(), window.paddingW()));
    to.put("dilation", List.of(window.dilationH(), window.dilationW()));
  }

  /**
   * @param strideIsKernel whether the stride is the kernel where none is given (pooling), not 1
   */
  static Window read(LayerAttributes attributes, boolean strideIsKernel) {
    int[] kernel = attributes.pair("kernel", null);
    int[] stride = attributes.pair("stride", strideIsKernel ? kernel : new int[] {1, 1});
    int[] padding = attributes.pair("padding", new int[] {0, 0});
    int[] dilation = attributes.pair("dilation", new int[] {1, 1});
    return new Window(
        kernel[0],
        kernel[1],
        stride[0],
        stride[1],
        padding[0],
        padding[1],
        dilation[0],
        dilation[1]);
  }

  /** The shape of {@code channels} maps under the window. */
  static Shape output(Window window, Shape input, int channels) {
    int height = window.outputHeight(input.dim(1));
    int width = window.outputWidth(input.dim(2));
    return output(window, input, channels, height, width);
  }

  /** Likewise for pooling, by {@link Window#ceilHeight} if {@code ceil}. */
  static Shape pooled(Window window, boolean ceil, Shape input) {
    if (!ceil) {
      return output(window, input, input.dim(0));
    }
    int height = window.ceilHeight(input.dim(1));
    int width = window.ceilWidth(input.dim(2));
    return output(window, input, input.dim(0), height, width);
  }

  private static Shape output(Window window, Shape input, int channels, int height, int width) {
    Inputs.require(
        height >= 1 && width >= 1,
        "a window of %dx%d (dilation %dx%d, padding %dx%d) must fit into the input: got %s."
            + " Use a larger input or more padding.",
        window.kernelH(),
        window.kernelW(),
        window.dilationH(),
        window.dilationW(),
        window.paddingH(),
        window.paddingW(),
        input);
    return Shape.of(channels, height, width);
  }
}
