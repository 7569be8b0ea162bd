package org.backdraft.kernel;

import org.backdraft.tensor.ActivationLayout;

/**
 * Pooling of one example; all loops run over output pixels, then taps, with lanes along channels.
 */
public interface PoolingKernels {
  /**
   * The largest element under the window; padding never wins. The first of equals (in tap order)
   * wins; NaN wins over everything. Under a window that lies in the padding alone, y is −∞ and the
   * winner −1.
   *
   * @param winner the tap that won, per output element (same index as y); length at least {@code
   *     winnerBase + output.size()}. A window has at most 2^15 − 1 taps
   */
  void max(
      Window window,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase,
      short[] winner,
      int winnerBase);

  /**
   * {@code dx = 0}, then each dy is added to its winner, if there is one, in order of output
   * pixels.
   */
  void maxBackward(
      Window window,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      short[] winner,
      int winnerBase,
      ActivationLayout input,
      float[] dx,
      int dxBase);

  /**
   * The mean under the window: a chain of additions over taps from +0, divided once by the number
   * of taps that lie in the input or its padding (padding counts as zeros, as PyTorch's {@code
   * count_include_pad=True}; windows of ceil mode may reach further).
   */
  void average(
      Window window,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase);

  /**
   * {@code dx = 0}, then dy, divided by the same number, is added to each element under its window,
   * in order.
   */
  void averageBackward(
      Window window,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      ActivationLayout input,
      float[] dx,
      int dxBase);

  /**
   * The means over the windows of {@link AdaptiveAxis}: chains of additions over rows, then columns
   * from +0, divided once by the number of pixels.
   *
   * @param rows from input to output rows
   * @param columns likewise for columns
   */
  void adaptiveAverage(
      AdaptiveAxis rows,
      AdaptiveAxis columns,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase);

  /**
   * {@code dx = 0}, then dy / pixels is added to each element under its window, in order of output
   * pixels.
   */
  void adaptiveAverageBackward(
      AdaptiveAxis rows,
      AdaptiveAxis columns,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      ActivationLayout input,
      float[] dx,
      int dxBase);
}
