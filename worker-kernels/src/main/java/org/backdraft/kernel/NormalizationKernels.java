package org.backdraft.kernel;

/**
 * Batch normalisation (Ioffe and Szegedy 2015) over the rows (pixels of all examples) of <em>one
 * leaf</em>, for channels {@code [channelBegin, channelEnd)}. Per-channel arrays are indexed by
 * channel from their base.
 */
public interface NormalizationKernels {
  /**
   * {@code mean[c] = (Σ_m x[m][c]) / rows} and {@code variance[c] = (Σ_m (x[m][c] − mean[c])²) /
   * rows} (biased). Both sums: float chains over blocks of {@link Kernels#BLOCK_ROWS} rows, block
   * sums added in order in double, divided in double, rounded once.
   */
  void statistics(
      float[] x,
      int xBase,
      int rows,
      int pitch,
      int channelBegin,
      int channelEnd,
      float[] mean,
      int meanBase,
      float[] variance,
      int varianceBase);

  /**
   * {@code y = fma((x − mean) · inverse, scale, shift)} with {@code inverse = (float) (1 /
   * sqrt((double) variance + epsilon))}; y may be x's range.
   */
  void normalize(
      float[] x,
      int xBase,
      int rows,
      int pitch,
      int channelBegin,
      int channelEnd,
      float[] mean,
      int meanBase,
      float[] variance,
      int varianceBase,
      float epsilon,
      float[] scale,
      int scaleBase,
      float[] shift,
      int shiftBase,
      float[] y,
      int yBase);

  /**
   * The two sums of the backward pass: {@code dShift[c] = Σ_m dy} and {@code dScale[c] = Σ_m dy ·
   * x̂}, x̂ = (x − mean) · inverse; summed like {@link #statistics}, rounded once. Overwrites both.
   */
  void backwardSums(
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      int rows,
      int pitch,
      int channelBegin,
      int channelEnd,
      float[] mean,
      int meanBase,
      float[] variance,
      int varianceBase,
      float epsilon,
      float[] dScale,
      int dScaleBase,
      float[] dShift,
      int dShiftBase);

  /**
   * {@code dx = scale · inverse · (dy − dShift / rows − x̂ · dScale / rows)}; dx may be dy's range.
   */
  void backward(
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      int rows,
      int pitch,
      int channelBegin,
      int channelEnd,
      float[] mean,
      int meanBase,
      float[] variance,
      int varianceBase,
      float epsilon,
      float[] scale,
      int scaleBase,
      float[] dScale,
      int dScaleBase,
      float[] dShift,
      int dShiftBase,
      float[] dx,
      int dxBase);
}
