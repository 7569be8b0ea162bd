package org.backdraft.kernel;

/**
 * The passes of batch normalisation (Ioffe and Szegedy 2015) over rows, the pixels of one leaf's
 * examples. A row is {@code lanes} floats, a multiple of {@link Kernels#LANES}, and the next one
 * follows at once. What stands in padding lanes stays there.
 *
 * <p>Statistics are those of <em>blocks</em> of at most {@link Kernels#BLOCK_ROWS} rows, which
 * {@code nn} combines in double. What a channel's numbers are turned with is a table of {@value
 * #CONSTANTS} rows of {@code lanes} floats: {@link #MEAN}, {@link #FACTOR}, {@link #SHIFT}, {@link
 * #SLOPE} and {@link #OFFSET}.
 */
public interface NormalizationKernels {
  /** The row of the table that holds the mean. */
  int MEAN = 0;

  /** The row of {@code weight / √(var + ε)}. */
  int FACTOR = 1;

  /** The row of the bias. */
  int SHIFT = 2;

  /** The row of what {@code x − mean} is multiplied by in the input's gradient. */
  int SLOPE = 3;

  /** The row of what is added to the input's gradient. */
  int OFFSET = 4;

  /** Rows of the table. */
  int CONSTANTS = 5;

  /**
   * A block's sum {@code s = Σ x} and its squares {@code Σ (x − s / rows)²} about its own mean,
   * each a chain over the rows; the squares by fused multiply-adds.
   *
   * @param rows in [1, {@link Kernels#BLOCK_ROWS}]
   * @param block where {@code lanes} sums go, followed by as many squares
   */
  void blockStatistics(int rows, int lanes, float[] x, int xBase, float[] block, int blockBase);

  /** {@code y = fma(x − mean, factor, shift)}; y may be x's range. */
  void normalize(
      int rows,
      int lanes,
      float[] x,
      int xBase,
      float[] constants,
      int constantsBase,
      float[] y,
      int yBase);

  /**
   * A block's two sums of the backward pass, {@code Σ dy} and {@code Σ dy · (x − mean)}, each a
   * chain over the rows; the second by fused multiply-adds.
   *
   * @param rows in [1, {@link Kernels#BLOCK_ROWS}]
   * @param block where {@code lanes} of the first go, followed by as many of the second
   */
  void blockGradients(
      int rows,
      int lanes,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] constants,
      int constantsBase,
      float[] block,
      int blockBase);

  /** {@code dx = fma(dy, factor, fma(x − mean, slope, offset))}; dx may be dy's range. */
  void inputGradient(
      int rows,
      int lanes,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] constants,
      int constantsBase,
      float[] dx,
      int dxBase);
}
