package org.backdraft.kernel;

import org.backdraft.tensor.ActivationLayout;

/**
 * What one layer normalisation covers, as it lies in memory: {@code pixels} runs of {@code
 * channels} elements, padded to whole panels of {@link Kernels#LANES}. One pixel for normalisation
 * over channels, all pixels of an example for normalisation over the example. Rows follow each
 * other at distance {@link #length}.
 *
 * @param pixels at least 1
 * @param channels at least 1
 */
public record NormalizedRow(int pixels, int channels) {
  /** Elements that count. */
  public int elements() {
    return pixels * channels;
  }

  /** Floats from one pixel to the next. */
  public int pitch() {
    return ActivationLayout.roundUpToLanes(channels);
  }

  /** Floats of a row, padding lanes included. */
  public int length() {
    return pixels * pitch();
  }

  /**
   * Pixels of a block, the unit in which sums over a row are formed: at most {@link
   * Kernels#BLOCK_ROWS} panels, but at least one pixel.
   */
  public int blockPixels() {
    return Math.max(1, Kernels.BLOCK_ROWS * Kernels.LANES / pitch());
  }
}
