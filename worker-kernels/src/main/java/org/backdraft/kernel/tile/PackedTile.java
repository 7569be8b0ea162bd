package org.backdraft.kernel.tile;

/**
 * Adds products of rows that were copied before, so that what a tile needs of them in one turn lies
 * together: one index serves all its rows, where a {@link RunTile} checks, uses and moves on one
 * for each. That pays where a block of rows meets many panels.
 */
public abstract class PackedTile extends RegisterTile {
  PackedTile(int bits, int rows, int panels, int unroll, boolean open) {
    super(bits, rows, panels, unroll, open);
  }

  /**
   * Copies as many whole tiles of rows as there are in {@code [rowBegin, rowEnd)}, from the
   * beginning of {@code packed} on, tile by tile and in each k by k: element (m, k) of the first
   * tile at {@code k · rows() + m − rowBegin}.
   *
   * @param offsets as those of {@link RunTile#run}, with the other arguments
   * @return the first row that is not done
   */
  abstract int pack(
      int[] offsets,
      int offsetsAt,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      int kBegin,
      int depth,
      float[] packed);

  /**
   * {@code c[m][n] = s[m][n] + Σ_k a(m, k) · b(k, n)}, k ascending, for rows {@code [rowBegin,
   * rowEnd)}, as {@link #pack} left them.
   *
   * @param depth how many k, at least 1
   * @param startMask as the other arguments it is that of {@link RunTile#run}
   */
  abstract void run(
      float[] packed,
      int rowBegin,
      int rowEnd,
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
