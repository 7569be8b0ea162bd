package org.backdraft.kernel.tile;

/** Adds outer products of rows of two matrices: a block of a weight gradient. */
public abstract class OuterTile extends RegisterTile {
  /** As many as a vector can have. */
  public static final int ZEROS = 16;

  OuterTile(int bits, int rows, int panels, int unroll, boolean open) {
    super(bits, rows, panels, unroll, open);
  }

  /**
   * {@code g[k][n] += Σ_m a(m, k) · d[m][n]}, a chain over m from +0 that is added to g once, for
   * as many whole tiles as there are in {@code [kBegin, kEnd)}.
   *
   * @param starts row m of a starts at {@code starts[m]}
   * @param rows how many m, a multiple of {@link #unroll} and at least 1
   * @param d rows of the tile's panels without gaps, from element 0 on
   * @param start g itself; or {@value #ZEROS} zeros for {@code g[k][n] = Σ_m a(m, k) · d[m][n]},
   *     whatever g holds
   * @param startMask −1 with g, 0 with zeros
   * @param gAt element (k, n) of the first panel lies at {@code gAt + (k − kBegin) · 16 + n}, the
   *     next panel gStride further
   * @return the first k that is not done
   */
  abstract int run(
      int[] starts,
      int rows,
      int kBegin,
      int kEnd,
      float[] a,
      float[] d,
      float[] start,
      int startMask,
      float[] g,
      int gAt,
      int gStride);
}
