package org.backdraft.kernel.tile;

/**
 * Adds products of elements that lie at the same distances in every row, for rows made of many
 * short runs: one flat loop over the terms of all runs.
 */
public abstract class TermTile extends RegisterTile {
  TermTile(int bits, int rows, int panels, int unroll, boolean open) {
    super(bits, rows, panels, unroll, open);
  }

  /**
   * {@code c[m][n] = s[n] + Σ_k a[aBase + offsets[m] + terms[k]] · b(k, n)}, k ascending, for as
   * many whole tiles as there are in {@code [rowBegin, rowEnd)}; b and c as in {@link RunTile}.
   *
   * @return the first row that is not done
   */
  abstract int run(
      int[] offsets,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      int[] terms,
      float[] b,
      int bAt,
      int panelSize,
      float[] start,
      int startAt,
      float[] c,
      int cAt,
      int[] targets);
}
