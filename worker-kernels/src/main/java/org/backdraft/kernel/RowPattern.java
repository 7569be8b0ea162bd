package org.backdraft.kernel;

/**
 * Which elements form the rows of the left operand of a matrix product without copying them:
 * element {@code (m, t, k)} is {@code a[base + rowOffsets[m] + tapOffsets[t] + k]} with k in {@code
 * [0, depth)}.
 *
 * <p>A linear layer has one tap; a convolution has one row per output pixel and one tap per filter
 * position, over an input with a halo of zeros. The arrays belong to the pattern and are not
 * written after construction.
 *
 * @param rowOffsets one offset per row
 * @param tapOffsets one offset per tap
 * @param depth contiguous elements per tap
 * @param termOffsets {@code tapOffsets[t] + k} for all t and k in one row: C2 keeps accumulators in
 *     registers over one loop, and boxes them on the heap over two nested ones
 */
public record RowPattern(int[] rowOffsets, int[] tapOffsets, int depth, int[] termOffsets) {
  /** A pattern of these rows and taps. */
  public RowPattern(int[] rowOffsets, int[] tapOffsets, int depth) {
    this(rowOffsets, tapOffsets, depth, terms(tapOffsets, depth));
  }

  /** The number of rows. */
  public int rows() {
    return rowOffsets.length;
  }

  /** The number of taps. */
  public int taps() {
    return tapOffsets.length;
  }

  private static int[] terms(int[] tapOffsets, int depth) {
    int[] terms = new int[tapOffsets.length * depth];
    for (int i = 0; i < terms.length; i++) {
      terms[i] = tapOffsets[i / depth] + i % depth;
    }
    return terms;
  }
}
