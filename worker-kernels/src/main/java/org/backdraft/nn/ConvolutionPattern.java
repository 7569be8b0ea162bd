package org.backdraft.nn;

import org.backdraft.kernel.PanelLayout;
import org.backdraft.kernel.RowPattern;
import org.backdraft.kernel.Window;

/**
 * A convolution over an image with its halo as a matrix product: which elements form the rows, and
 * which weight belongs to which column of a row.
 *
 * <p>The chain of every output element runs over ky, kx, then c. Where pixels follow each other
 * without padding lanes and the window is dense along x, the taps of one filter row lie side by
 * side in memory and are one tap of depth kernelW · channels; the chain is the same.
 */
record ConvolutionPattern(Window window, int channels, RowPattern rows) {

  /**
   * @param window strides and dilations; its padding is already in the halo
   * @param rowWidth pixels from one row of the haloed image to the next
   */
  static ConvolutionPattern of(
      Window window, int channels, int pitch, int rowWidth, int outputHeight, int outputWidth) {
    int[] rowOffsets = new int[outputHeight * outputWidth];
    for (int y = 0; y < outputHeight; y++) {
      for (int x = 0; x < outputWidth; x++) {
        rowOffsets[y * outputWidth + x] =
            (y * window.strideH() * rowWidth + x * window.strideW()) * pitch;
      }
    }
    boolean joined = pitch == channels && window.dilationW() == 1;
    int tapsPerRow = joined ? 1 : window.kernelW();
    int[] tapOffsets = new int[window.kernelH() * tapsPerRow];
    for (int t = 0; t < tapOffsets.length; t++) {
      int ky = t / tapsPerRow;
      int kx = t % tapsPerRow;
      tapOffsets[t] = (ky * window.dilationH() * rowWidth + kx * window.dilationW()) * pitch;
    }
    int depth = joined ? window.kernelW() * channels : channels;
    return new ConvolutionPattern(window, channels, new RowPattern(rowOffsets, tapOffsets, depth));
  }

  /** The matrix of weights {@code (out, channels, kernelH, kernelW)} for the forward product. */
  PackedWeights forwardWeights(int out) {
    int taps = window.taps();
    int[] offsets = new int[taps * channels];
    for (int r = 0; r < offsets.length; r++) {
      offsets[r] = r % channels * taps + r / channels;
    }
    return new PackedWeights(
        new PanelLayout(rows.taps(), rows.depth(), out), offsets, channels * taps);
  }

  /**
   * The matrix of weights {@code (channels, in, kernelH, kernelW)}, its taps turned by 180 degrees,
   * for the product that takes gradients of the output back to the input; here {@code channels} are
   * those of the convolution's output.
   */
  PackedWeights backwardWeights(int in) {
    int taps = window.taps();
    int[] offsets = new int[taps * channels];
    for (int r = 0; r < offsets.length; r++) {
      offsets[r] = r % channels * (in * taps) + (taps - 1 - r / channels);
    }
    return new PackedWeights(new PanelLayout(rows.taps(), rows.depth(), in), offsets, taps);
  }
}
