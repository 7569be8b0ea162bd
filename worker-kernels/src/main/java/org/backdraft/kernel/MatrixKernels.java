package org.backdraft.kernel;

/** Matrix products and sums over rows. */
public interface MatrixKernels {
  /**
   * {@code c[m][n] = bias[n] + Σ_t Σ_k a(m, t, k) · b(t, k, n)} for rows {@code [rowBegin, rowEnd)}
   * and panels {@code [panelBegin, panelEnd)}: one chain of fused multiply-adds that starts from
   * the bias (or +0 without one) and runs over t, then k.
   *
   * @param pattern where the rows of the left operand lie in {@code a}, and those of the product in
   *     {@code c}
   * @param aBase added to every offset of the pattern
   * @param layout how the right operand lies in {@code b} from {@code bBase}
   * @param bias padded to whole panels, or null for none
   * @param c row m starts at {@code cBase + targets[m]}; whole panels are written, padding lanes
   *     included. Must not overlap {@code a} or {@code b}
   */
  void multiply(
      RowPattern pattern,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      PanelLayout layout,
      int panelBegin,
      int panelEnd,
      float[] b,
      int bBase,
      float[] bias,
      int biasBase,
      float[] c,
      int cBase);

  /**
   * The outer-product form of a weight gradient: {@code g[panel][(t, k)][lane] += Σ_m a(m, t, k) ·
   * d[m][16 · panel + lane]} for panels {@code [panelBegin, panelEnd)}, the terms (t, k) numbered
   * {@code t · depth + k} in {@code [termBegin, termEnd)}, m in {@code [rowBegin, rowEnd)}. The sum
   * over m is one chain of fused multiply-adds from +0; it is then added to g once, or to +0 where
   * it is the first. Without rows nothing is done.
   *
   * @param rowEnd at most {@code rowBegin +} {@link Kernels#BLOCK_ROWS}
   * @param d row m starts at {@code dBase + m · dPitch}; whole panels are read, what padding lanes
   *     hold reaches only padding lanes of g
   * @param g element (panel, term, lane) at {@code gBase + (panel − panelBegin) · gStride + (term −
   *     termBegin) · 16 + lane}
   * @param isFirst whether g counts as +0, whatever it holds
   */
  void accumulateOuter(
      RowPattern pattern,
      int rowBegin,
      int rowEnd,
      int termBegin,
      int termEnd,
      float[] a,
      int aBase,
      float[] d,
      int dBase,
      int dPitch,
      int panelBegin,
      int panelEnd,
      float[] g,
      int gBase,
      int gStride,
      boolean isFirst);

  /**
   * {@code sum[column] += Σ_m x[m][column]} for columns {@code [0, columns)}, m in {@code [0,
   * rows)}: one chain of additions from +0, added to sum once.
   *
   * @param x row m starts at {@code xBase + m · pitch}
   */
  void accumulateRows(
      float[] x, int xBase, int rows, int pitch, int columns, float[] sum, int sumBase);

  /** {@code target[i] += source[i]} for {@code length} elements. */
  void add(float[] target, int targetBase, float[] source, int sourceBase, int length);

  /**
   * {@code to[row][column] = from[row][column]} for columns {@code [0, columns)}: for rows that are
   * too short for the call of an array copy.
   *
   * @param from row m starts at {@code fromBase + m · fromPitch}
   * @param to row m starts at {@code toBase + m · toPitch}
   */
  void copyRows(
      float[] from,
      int fromBase,
      int fromPitch,
      float[] to,
      int toBase,
      int toPitch,
      int rows,
      int columns);

  /**
   * {@code target[p · pitch + column] = Σ_i source[offsets[p · terms + i] + column]} for {@code
   * offsets.length / terms} rows p, i in {@code [0, terms)} and columns {@code [0, columns)}: one
   * chain of additions from +0.
   *
   * @param source from {@code sourceBase}; up to a multiple of {@link Kernels#LANES} columns are
   *     read at each offset, which need not lie apart
   * @param terms at least 1
   * @param target row p starts at {@code targetBase + p · pitch}; up to the pitch, a multiple of
   *     {@link Kernels#LANES}, columns past the last one may be overwritten
   */
  void sumTerms(
      float[] source,
      int sourceBase,
      int[] offsets,
      int terms,
      float[] target,
      int targetBase,
      int pitch,
      int columns);

  /**
   * Copies short runs: {@code to[toBase + targets[i] + k] = from[fromBase + sources[i] + k]} for k
   * in {@code [0, length)}, i in {@code [begin, end)}, one after the other.
   *
   * @param targets ascending by at least {@code length}; what lies between runs, and up to {@link
   *     Kernels#LANES} floats behind the last one, may be overwritten
   * @param length at most {@link Kernels#LANES}
   */
  void copyRuns(
      int[] sources,
      int[] targets,
      int begin,
      int end,
      int length,
      float[] from,
      int fromBase,
      float[] to,
      int toBase);
}
