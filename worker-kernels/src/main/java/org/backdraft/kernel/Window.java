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

  /**
   * Output rows in PyTorch's ceil mode: ⌈(h + 2p − d(k−1) − 1) / s⌉ + 1, less one where the last
   * window would start in the padding below the input.
   */
  public int ceilHeight(int height) {
    return ceil(height, kernelH, strideH, paddingH, dilationH);
  }

  /** Output columns in ceil mode. */
  public int ceilWidth(int width) {
    return ceil(width, kernelW, strideW, paddingW, dilationW);
  }

  private static int ceil(int extent, int kernel, int stride, int padding, int dilation) {
    int span = extent + 2 * padding - dilation * (kernel - 1) - 1;
    int windows = Math.floorDiv(span + stride - 1, stride) + 1;
    return (windows - 1) * stride >= extent + padding ? windows - 1 : windows;
  }

  /**
   * How many rows of the window of output row {@code oy} lie in the input of {@code height} rows or
   * in its padding: all of them, save in ceil mode.
   */
  public int coveredRows(int oy, int height) {
    return covered(oy * strideH - paddingH, height + paddingH, kernelH, dilationH);
  }

  /** Likewise columns. */
  public int coveredColumns(int ox, int width) {
    return covered(ox * strideW - paddingW, width + paddingW, kernelW, dilationW);
  }

  private static int covered(int origin, int end, int kernel, int dilation) {
    return Math.min(kernel, (end - origin + dilation - 1) / dilation);
  }

  /** The number of filter positions. */
  public int taps() {
    return kernelH * kernelW;
  }
}
