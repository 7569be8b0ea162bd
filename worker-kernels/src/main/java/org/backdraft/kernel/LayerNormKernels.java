package org.backdraft.kernel;

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016) of rows that lie behind each other, see {@link
 * NormalizedRow}. Mean and inverse deviation of row m are element m of their arrays, from their
 * base.
 *
 * <p>A <em>sum over a row</em> is formed in blocks of {@link NormalizedRow#blockPixels}: inside a
 * block each of the 16 virtual lanes (channel modulo 16) is a float chain from +0 in order of
 * memory, and the tree over lanes joins l and l + 8, then l and l + 4, l + 2, l + 1; block sums are
 * added in order in double.
 */
public interface LayerNormKernels {
  /**
   * {@code mean = (float) (Σ x / n)} and {@code inverse = (float) (1 / √(v + epsilon))} with {@code
   * v = Σ (x − mean)² / n} in double, n = {@link NormalizedRow#elements}; the chains of v are of
   * fused multiply-adds.
   */
  void statistics(
      NormalizedRow row,
      int rows,
      float epsilon,
      float[] x,
      int xBase,
      float[] mean,
      int meanBase,
      float[] inverse,
      int inverseBase);

  /**
   * {@code y[i] = fma((x[i] − mean) · inverse, scale[i], shift[i])} for every i of a row, padding
   * lanes included.
   */
  void normalize(
      NormalizedRow row,
      int rows,
      float[] x,
      int xBase,
      float[] mean,
      int meanBase,
      float[] inverse,
      int inverseBase,
      float[] scale,
      int scaleBase,
      float[] shift,
      int shiftBase,
      float[] y,
      int yBase);

  /**
   * {@code dx = inverse · fma(−x̂, b, g − a)} with {@code g = dy · scale}, {@code x̂ = (x − mean) ·
   * inverse}, {@code a = (float) (Σ g / n)} and {@code b = (float) (Σ fma(g, x̂) / n)}; padding
   * lanes are written too.
   */
  void backward(
      NormalizedRow row,
      int rows,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] mean,
      int meanBase,
      float[] inverse,
      int inverseBase,
      float[] scale,
      int scaleBase,
      float[] dx,
      int dxBase);

  /**
   * The sums over rows of the parameters' gradients, for one panel of 16 neighbours: {@code
   * dScale[lane] += Σ_m dy · x̂} (fused multiply-adds) and {@code dShift[lane] += Σ_m dy}, chains
   * from +0 that are added once. Callers keep {@code rows} at most {@link Kernels#BLOCK_ROWS}.
   *
   * @param length floats from one row to the next
   */
  void accumulateGradients(
      int length,
      int rows,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] mean,
      int meanBase,
      float[] inverse,
      int inverseBase,
      float[] dScale,
      int dScaleBase,
      float[] dShift,
      int dShiftBase);
}
