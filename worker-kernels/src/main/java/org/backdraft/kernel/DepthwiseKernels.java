package org.backdraft.kernel;

/**
 * Convolutions in which each channel sees itself alone: lanes lie along channels, and each row of a
 * pattern is one pixel with all its channels.
 *
 * <p>Channels are padded to whole panels everywhere: {@code pattern.depth()} is a multiple of
 * {@link Kernels#LANES}, and what padding lanes hold reaches only padding lanes.
 */
public interface DepthwiseKernels {
  /**
   * {@code y[m][c] = bias[c] + Σ_t x(m, t, c) · w[t][c]} for rows {@code [rowBegin, rowEnd)} and
   * all channels: one chain of fused multiply-adds from the bias over t.
   *
   * @param pattern where pixels under each tap lie in {@code x}, and the result's in {@code y}
   * @param w tap t starts at {@code wBase + t · depth}
   * @param bias {@code depth} numbers, zeros for none
   * @param y row m starts at {@code yBase + targets[m]}; must not overlap the others
   */
  void convolve(
      RowPattern pattern,
      int rowBegin,
      int rowEnd,
      float[] x,
      int xBase,
      float[] w,
      int wBase,
      float[] bias,
      int biasBase,
      float[] y,
      int yBase);

  /**
   * {@code g[t][c] += Σ_m x(m, t, c) · d[m][c]} for all taps, channels {@code [channelBegin,
   * channelEnd)}, which are whole panels, and m in {@code [rowBegin, rowEnd)}: one chain of fused
   * multiply-adds from +0 over m, added to g once. Without rows nothing is added.
   *
   * @param rowEnd at most {@code rowBegin +} {@link Kernels#BLOCK_ROWS}
   * @param d row m starts at {@code dBase + m · dPitch}
   * @param g element (t, c) at {@code gBase + t · (channelEnd − channelBegin) + c − channelBegin}
   */
  void accumulateWeights(
      RowPattern pattern,
      int rowBegin,
      int rowEnd,
      int channelBegin,
      int channelEnd,
      float[] x,
      int xBase,
      float[] d,
      int dBase,
      int dPitch,
      float[] g,
      int gBase);
}
