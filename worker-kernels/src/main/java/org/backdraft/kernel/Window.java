package org.backdraft.kernel;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * The sliding window of a 2-D convolution or pooling. Padding is the same on both sides.
 *
 * @param kernelH rows of the window
 * @param kernelW columns of the window
 * @param strideH rows from one output row to the next
 * @param strideW likewise for columns
 * @param paddingH rows of padding above and below
 * @param paddingW columns of padding left and right
 * @param dilationH rows from one tap to the next, 1 for a dense window
 * @param dilationW likewise for columns
 */
public record Window(
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int paddingH,
    int paddingW,
    int dilationH,
    int dilationW)
    implements Serializable {
  public Window {
    Checks.argument(
        kernelH >= 1
            && kernelW >= 1
            && strideH >= 1
            && strideW >= 1
            && dilationH >= 1
            && dilationW >= 1
            && paddingH >= 0
            && paddingW >= 0,
        "A window needs kernel, stride and dilation >= 1 and padding >= 0: got kernel %dx%d,"
            + " stride %dx%d, padding %dx%d, dilation %dx%d.",
        kernelH,
        kernelW,
        strideH,
        strideW,
        paddingH,
        paddingW,
        dilationH,
        dilationW);
  }

  /** A square dense window. */
  public static Window square(int kernel, int stride, int padding) {
    return new Window(kernel, kernel, stride, stride, padding, padding, 1, 1);
  }

  /**
   * Output rows for {@code height} input rows: ⌊(h + 2p − d(k−1) − 1) / s⌋ + 1; below 1 if none
   * fit.
   */
  public int outputHeight(int height) {
    return Math.floorDiv(height + 2 * paddingH - dilationH * (kernelH - 1) - 1, strideH) + 1;
  }

  /** Output columns for {@code width} input columns. */
  public int outputWidth(int width) {
    return Math.floorDiv(width + 2 * paddingW - dilationW * (kernelW - 1) - 1, strideW) + 1;
  }

  /** The number of filter positions. */
  public int taps() {
    return kernelH * kernelW;
  }
}
