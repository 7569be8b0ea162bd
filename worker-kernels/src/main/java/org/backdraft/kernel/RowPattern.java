package org.backdraft.kernel;

import org.backdraft.tensor.Checks;

/**
 * Which elements form the rows of the left operand of a matrix product, without copying them, and
 * where the rows of the product go.
 *
 * <p>Element {@code (m, t, k)} of row m, tap t and k in {@code [0, depth)} is {@code a[base +
 * offsets[t · rows + m] + k]}, or zero where the offset is {@link #ZERO}: then it is read from the
 * beginning of the array, which must hold {@code depth} zeros. Row m of the product starts at
 * {@code targets[m]}.
 *
 * <p>A linear layer has one row per example and one tap; a convolution has one row per output pixel
 * and one tap per filter position, whose padding is rows of zeros. The arrays belong to the pattern
 * and are not written after construction.
 *
 * @param rows how many rows
 * @param taps how many taps
 * @param depth contiguous elements per tap
 * @param offsets {@code taps · rows} offsets, tap by tap
 * @param targets one offset per row
 * @param terms where every row has the same distances between its taps and no zeros: {@code
 *     offsets[t · rows] − offsets[0] + k} for all t and k in one row; otherwise null
 */
public record RowPattern(int rows, int taps, int depth, int[] offsets, int[] targets, int[] terms) {
  /** The offset of a row of zeros. */
  public static final int ZERO = -1;

  /**
   * A pattern of any rows and taps.
   *
   * @param offsets {@code taps · targets.length} offsets, tap by tap
   */
  public RowPattern(int taps, int depth, int[] offsets, int[] targets) {
    this(
        targets.length, taps, depth, offsets, targets, terms(targets.length, taps, depth, offsets));
    Checks.argument(
        offsets.length == taps * targets.length,
        "A pattern of %d rows and %d taps needs an offset for each pair: got %d.",
        targets.length,
        taps,
        offsets.length);
  }

  /**
   * A pattern whose rows have the same taps.
   *
   * @param targetPitch from one row of the product to the next
   */
  public static RowPattern uniform(int[] rowOffsets, int[] tapOffsets, int depth, int targetPitch) {
    int rows = rowOffsets.length;
    int[] offsets = new int[tapOffsets.length * rows];
    for (int t = 0; t < tapOffsets.length; t++) {
      for (int m = 0; m < rows; m++) {
        offsets[t * rows + m] = rowOffsets[m] + tapOffsets[t];
      }
    }
    return new RowPattern(tapOffsets.length, depth, offsets, multiples(rows, targetPitch));
  }

  /** {@code 0, distance, 2 · distance …} */
  public static int[] multiples(int count, int distance) {
    int[] offsets = new int[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = i * distance;
    }
    return offsets;
  }

  private static int[] terms(int rows, int taps, int depth, int[] offsets) {
    for (int i = 0; i < offsets.length; i++) {
      int tap = i / rows;
      if (offsets[i] < 0 || offsets[i] - offsets[i % rows] != offsets[tap * rows] - offsets[0]) {
        return null;
      }
    }
    if (rows == 0) {
      return null;
    }
    int[] terms = new int[taps * depth];
    for (int i = 0; i < terms.length; i++) {
      terms[i] = offsets[i / depth * rows] - offsets[0] + i % depth;
    }
    return terms;
  }
}
