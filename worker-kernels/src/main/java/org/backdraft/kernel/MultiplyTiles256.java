package org.backdraft.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of a matrix product in 256-bit vectors: the rows in a method's name times one panel of 16
 * columns, held in registers over the whole chain of taps and depth.
 *
 * <p>Accumulators, broadcasts and loads of one turn together fit the 16 registers, else C2 spills
 * an accumulator in each turn; so the sums stay in named locals, and C2 alone unrolls.
 */
final class MultiplyTiles256 {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;

  private MultiplyTiles256() {}

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
    for (; row + 4 <= rowEnd; row += 4) {
      rows4(pattern, row, a, aBase, b, bAt, start, startAt, c, cAt, cPitch);
    }
    if (row + 2 <= rowEnd) {
      rows2(pattern, row, a, aBase, b, bAt, start, startAt, c, cAt, cPitch);
      row += 2;
    }
    if (row < rowEnd) {
      rows1(pattern, row, a, aBase, b, bAt, start, startAt, c, cAt, cPitch);
    }
  }

  private static void rows4(
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
    int row2 = aBase + rows[row + 2];
    int row3 = aBase + rows[row + 3];
    FloatVector c00 = FloatVector.fromArray(S, start, startAt);
    FloatVector c01 = FloatVector.fromArray(S, start, startAt + 8);
    FloatVector c10 = c00;
    FloatVector c11 = c01;
    FloatVector c20 = c00;
    FloatVector c21 = c01;
    FloatVector c30 = c00;
    FloatVector c31 = c01;
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector w1 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES + 8);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c00 = x0.fma(w0, c00);
      c01 = x0.fma(w1, c01);
      FloatVector x1 = FloatVector.broadcast(S, a[row1 + term]);
      c10 = x1.fma(w0, c10);
      c11 = x1.fma(w1, c11);
      FloatVector x2 = FloatVector.broadcast(S, a[row2 + term]);
      c20 = x2.fma(w0, c20);
      c21 = x2.fma(w1, c21);
      FloatVector x3 = FloatVector.broadcast(S, a[row3 + term]);
      c30 = x3.fma(w0, c30);
      c31 = x3.fma(w1, c31);
    }
    int to0 = cAt + row * cPitch;
    c00.intoArray(c, to0);
    c01.intoArray(c, to0 + 8);
    int to1 = cAt + (row + 1) * cPitch;
    c10.intoArray(c, to1);
    c11.intoArray(c, to1 + 8);
    int to2 = cAt + (row + 2) * cPitch;
    c20.intoArray(c, to2);
    c21.intoArray(c, to2 + 8);
    int to3 = cAt + (row + 3) * cPitch;
    c30.intoArray(c, to3);
    c31.intoArray(c, to3 + 8);
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
    FloatVector c01 = FloatVector.fromArray(S, start, startAt + 8);
    FloatVector c10 = c00;
    FloatVector c11 = c01;
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector w1 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES + 8);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c00 = x0.fma(w0, c00);
      c01 = x0.fma(w1, c01);
      FloatVector x1 = FloatVector.broadcast(S, a[row1 + term]);
      c10 = x1.fma(w0, c10);
      c11 = x1.fma(w1, c11);
    }
    int to0 = cAt + row * cPitch;
    c00.intoArray(c, to0);
    c01.intoArray(c, to0 + 8);
    int to1 = cAt + (row + 1) * cPitch;
    c10.intoArray(c, to1);
    c11.intoArray(c, to1 + 8);
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
    FloatVector c01 = FloatVector.fromArray(S, start, startAt + 8);
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector w1 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES + 8);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c00 = x0.fma(w0, c00);
      c01 = x0.fma(w1, c01);
    }
    int to0 = cAt + row * cPitch;
    c00.intoArray(c, to0);
    c01.intoArray(c, to0 + 8);
  }
}
