package org.backdraft.kernel.tile;

/** Adds products along a run of neighbouring elements of the left operand. */
public abstract class RunTile extends RegisterTile {
  RunTile(int bits, int rows, int panels, int unroll, boolean open) {
    super(bits, rows, panels, unroll, open);
  }

  /**
   * {@code c[m][n] = s[m][n] + Σ_k a(m, k) · b(k, n)}, k ascending, for as many whole tiles as
   * there are in {@code [rowBegin, rowEnd)}.
   *
   * @param offsets row m of the left operand starts at {@code aBase + offsets[offsetsAt + m]}; a
   *     negative offset means a row of zeros, which lies at the start of a
   * @param kBegin the first k of the left operand
   * @param depth how many k, a multiple of {@link #unroll} and at least 1
   * @param bAt the first row of the right operand's first panel; rows follow each other at distance
   *     16, panels at distance panelSize
   * @param startMask −1 if sums start from {@code start[startAt + targets[m]]}, 0 if each row
   *     starts from {@code start[startAt]}
   * @param targets row m of c starts at {@code cAt + targets[m]}
   * @return the first row that is not done
   */
  abstract int run(
      int[] offsets,
      int offsetsAt,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      int kBegin,
      int depth,
      float[] b,
      int bAt,
      int panelSize,
      float[] start,
      int startAt,
      int startMask,
      float[] c,
      int cAt,
      int[] targets);
}
