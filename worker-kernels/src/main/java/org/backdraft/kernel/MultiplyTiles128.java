package org.backdraft.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of a matrix product in 128-bit vectors: the rows in a method's name times one panel of 16
 * columns, held in registers over the whole chain of taps and depth.
 *
 * <p>Accumulators, broadcasts and loads of one turn together fit the 16 registers, else C2 spills
 * an accumulator in each turn; so the sums stay in named locals, and C2 alone unrolls.
 */
final class MultiplyTiles128 {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_128;

  private MultiplyTiles128() {}

  /**
   * All rows of a range, for one panel from {@code panel} on; see {@link MatrixKernels#multiply}.
   */
  static void onePanel(
      RowPattern pattern,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      int panelSize,
      int panel,
      float[] b,
      int bBase,
      float[] start,
      int startBase,
      float[] c,
      int cBase,
      int cPitch) {
    int bAt = bBase + panel * panelSize;
    int startAt = startBase + panel * Kernels.LANES;
    int cAt = cBase + panel * Kernels.LANES;
    int row = rowBegin;
    for (; row + 2 <= rowEnd; row += 2) {
      rows2(pattern, row, a, aBase, b, bAt, start, startAt, c, cAt, cPitch);
    }
    if (row < rowEnd) {
      rows1(pattern, row, a, aBase, b, bAt, start, startAt, c, cAt, cPitch);
    }
  }

  private static void rows2(
      RowPattern pattern,
      int row,
      float[] a,
      int aBase,
      float[] b,
      int b0,
      float[] start,
      int startAt,
      float[] c,
      int cAt,
      int cPitch) {
    int[] rows = pattern.rowOffsets();
    int[] terms = pattern.termOffsets();
    int row0 = aBase + rows[row];
    int row1 = aBase + rows[row + 1];
    FloatVector c00 = FloatVector.fromArray(S, start, startAt);
    FloatVector c01 = FloatVector.fromArray(S, start, startAt + 4);
    FloatVector c02 = FloatVector.fromArray(S, start, startAt + 8);
    FloatVector c03 = FloatVector.fromArray(S, start, startAt + 12);
    FloatVector c10 = c00;
    FloatVector c11 = c01;
    FloatVector c12 = c02;
    FloatVector c13 = c03;
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector w1 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES + 4);
      FloatVector w2 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES + 8);
      FloatVector w3 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES + 12);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c00 = x0.fma(w0, c00);
      c01 = x0.fma(w1, c01);
      c02 = x0.fma(w2, c02);
      c03 = x0.fma(w3, c03);
      FloatVector x1 = FloatVector.broadcast(S, a[row1 + term]);
      c10 = x1.fma(w0, c10);
      c11 = x1.fma(w1, c11);
      c12 = x1.fma(w2, c12);
      c13 = x1.fma(w3, c13);
    }
    int to0 = cAt + row * cPitch;
    c00.intoArray(c, to0);
    c01.intoArray(c, to0 + 4);
    c02.intoArray(c, to0 + 8);
    c03.intoArray(c, to0 + 12);
    int to1 = cAt + (row + 1) * cPitch;
    c10.intoArray(c, to1);
    c11.intoArray(c, to1 + 4);
    c12.intoArray(c, to1 + 8);
    c13.intoArray(c, to1 + 12);
  }

  private static void rows1(
      RowPattern pattern,
      int row,
      float[] a,
      int aBase,
      float[] b,
      int b0,
      float[] start,
      int startAt,
      float[] c,
      int cAt,
      int cPitch) {
    int[] rows = pattern.rowOffsets();
    int[] terms = pattern.termOffsets();
    int row0 = aBase + rows[row];
    FloatVector c00 = FloatVector.fromArray(S, start, startAt);
    FloatVector c01 = FloatVector.fromArray(S, start, startAt + 4);
    FloatVector c02 = FloatVector.fromArray(S, start, startAt + 8);
    FloatVector c03 = FloatVector.fromArray(S, start, startAt + 12);
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector w1 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES + 4);
      FloatVector w2 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES + 8);
      FloatVector w3 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES + 12);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c00 = x0.fma(w0, c00);
      c01 = x0.fma(w1, c01);
      c02 = x0.fma(w2, c02);
      c03 = x0.fma(w3, c03);
    }
    int to0 = cAt + row * cPitch;
    c00.intoArray(c, to0);
    c01.intoArray(c, to0 + 4);
    c02.intoArray(c, to0 + 8);
    c03.intoArray(c, to0 + 12);
  }
}
