package org.backdraft.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of a matrix product in 512-bit vectors: the rows in a method's name times one panel or two
 * panels of 16 columns, held in registers over the whole chain of taps and depth.
 *
 * <p>Accumulators, broadcasts and loads of one turn together fit the 32 registers, else C2 spills
 * an accumulator in each turn; so the sums stay in named locals, and C2 alone unrolls.
 */
final class MultiplyTiles512 {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  private MultiplyTiles512() {}

  /**
   * All rows of a range, for two panels from {@code panel} on; see {@link MatrixKernels#multiply}.
   */
  static void twoPanels(
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
    for (; row + 8 <= rowEnd; row += 8) {
      rows8TwoPanels(
          pattern, row, a, aBase, b, bAt, bAt + panelSize, start, startAt, c, cAt, cPitch);
    }
    if (row + 4 <= rowEnd) {
      rows4TwoPanels(
          pattern, row, a, aBase, b, bAt, bAt + panelSize, start, startAt, c, cAt, cPitch);
      row += 4;
    }
    if (row + 2 <= rowEnd) {
      rows2TwoPanels(
          pattern, row, a, aBase, b, bAt, bAt + panelSize, start, startAt, c, cAt, cPitch);
      row += 2;
    }
    if (row < rowEnd) {
      rows1TwoPanels(
          pattern, row, a, aBase, b, bAt, bAt + panelSize, start, startAt, c, cAt, cPitch);
    }
  }

  private static void rows8TwoPanels(
      RowPattern pattern,
      int row,
      float[] a,
      int aBase,
      float[] b,
      int b0,
      int b1,
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
    int row4 = aBase + rows[row + 4];
    int row5 = aBase + rows[row + 5];
    int row6 = aBase + rows[row + 6];
    int row7 = aBase + rows[row + 7];
    FloatVector c00 = FloatVector.fromArray(S, start, startAt);
    FloatVector c01 = FloatVector.fromArray(S, start, startAt + 16);
    FloatVector c10 = c00;
    FloatVector c11 = c01;
    FloatVector c20 = c00;
    FloatVector c21 = c01;
    FloatVector c30 = c00;
    FloatVector c31 = c01;
    FloatVector c40 = c00;
    FloatVector c41 = c01;
    FloatVector c50 = c00;
    FloatVector c51 = c01;
    FloatVector c60 = c00;
    FloatVector c61 = c01;
    FloatVector c70 = c00;
    FloatVector c71 = c01;
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector w1 = FloatVector.fromArray(S, b, b1 + k * Kernels.LANES);
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
      FloatVector x4 = FloatVector.broadcast(S, a[row4 + term]);
      c40 = x4.fma(w0, c40);
      c41 = x4.fma(w1, c41);
      FloatVector x5 = FloatVector.broadcast(S, a[row5 + term]);
      c50 = x5.fma(w0, c50);
      c51 = x5.fma(w1, c51);
      FloatVector x6 = FloatVector.broadcast(S, a[row6 + term]);
      c60 = x6.fma(w0, c60);
      c61 = x6.fma(w1, c61);
      FloatVector x7 = FloatVector.broadcast(S, a[row7 + term]);
      c70 = x7.fma(w0, c70);
      c71 = x7.fma(w1, c71);
    }
    int to0 = cAt + row * cPitch;
    c00.intoArray(c, to0);
    c01.intoArray(c, to0 + 16);
    int to1 = cAt + (row + 1) * cPitch;
    c10.intoArray(c, to1);
    c11.intoArray(c, to1 + 16);
    int to2 = cAt + (row + 2) * cPitch;
    c20.intoArray(c, to2);
    c21.intoArray(c, to2 + 16);
    int to3 = cAt + (row + 3) * cPitch;
    c30.intoArray(c, to3);
    c31.intoArray(c, to3 + 16);
    int to4 = cAt + (row + 4) * cPitch;
    c40.intoArray(c, to4);
    c41.intoArray(c, to4 + 16);
    int to5 = cAt + (row + 5) * cPitch;
    c50.intoArray(c, to5);
    c51.intoArray(c, to5 + 16);
    int to6 = cAt + (row + 6) * cPitch;
    c60.intoArray(c, to6);
    c61.intoArray(c, to6 + 16);
    int to7 = cAt + (row + 7) * cPitch;
    c70.intoArray(c, to7);
    c71.intoArray(c, to7 + 16);
  }

  private static void rows4TwoPanels(
      RowPattern pattern,
      int row,
      float[] a,
      int aBase,
      float[] b,
      int b0,
      int b1,
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
    FloatVector c01 = FloatVector.fromArray(S, start, startAt + 16);
    FloatVector c10 = c00;
    FloatVector c11 = c01;
    FloatVector c20 = c00;
    FloatVector c21 = c01;
    FloatVector c30 = c00;
    FloatVector c31 = c01;
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector w1 = FloatVector.fromArray(S, b, b1 + k * Kernels.LANES);
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
    c01.intoArray(c, to0 + 16);
    int to1 = cAt + (row + 1) * cPitch;
    c10.intoArray(c, to1);
    c11.intoArray(c, to1 + 16);
    int to2 = cAt + (row + 2) * cPitch;
    c20.intoArray(c, to2);
    c21.intoArray(c, to2 + 16);
    int to3 = cAt + (row + 3) * cPitch;
    c30.intoArray(c, to3);
    c31.intoArray(c, to3 + 16);
  }

  private static void rows2TwoPanels(
      RowPattern pattern,
      int row,
      float[] a,
      int aBase,
      float[] b,
      int b0,
      int b1,
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
    FloatVector c01 = FloatVector.fromArray(S, start, startAt + 16);
    FloatVector c10 = c00;
    FloatVector c11 = c01;
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector w1 = FloatVector.fromArray(S, b, b1 + k * Kernels.LANES);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c00 = x0.fma(w0, c00);
      c01 = x0.fma(w1, c01);
      FloatVector x1 = FloatVector.broadcast(S, a[row1 + term]);
      c10 = x1.fma(w0, c10);
      c11 = x1.fma(w1, c11);
    }
    int to0 = cAt + row * cPitch;
    c00.intoArray(c, to0);
    c01.intoArray(c, to0 + 16);
    int to1 = cAt + (row + 1) * cPitch;
    c10.intoArray(c, to1);
    c11.intoArray(c, to1 + 16);
  }

  private static void rows1TwoPanels(
      RowPattern pattern,
      int row,
      float[] a,
      int aBase,
      float[] b,
      int b0,
      int b1,
      float[] start,
      int startAt,
      float[] c,
      int cAt,
      int cPitch) {
    int[] rows = pattern.rowOffsets();
    int[] terms = pattern.termOffsets();
    int row0 = aBase + rows[row];
    FloatVector c00 = FloatVector.fromArray(S, start, startAt);
    FloatVector c01 = FloatVector.fromArray(S, start, startAt + 16);
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector w1 = FloatVector.fromArray(S, b, b1 + k * Kernels.LANES);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c00 = x0.fma(w0, c00);
      c01 = x0.fma(w1, c01);
    }
    int to0 = cAt + row * cPitch;
    c00.intoArray(c, to0);
    c01.intoArray(c, to0 + 16);
  }

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
    for (; row + 8 <= rowEnd; row += 8) {
      rows8(pattern, row, a, aBase, b, bAt, start, startAt, c, cAt, cPitch);
    }
    if (row + 4 <= rowEnd) {
      rows4(pattern, row, a, aBase, b, bAt, start, startAt, c, cAt, cPitch);
      row += 4;
    }
    if (row + 2 <= rowEnd) {
      rows2(pattern, row, a, aBase, b, bAt, start, startAt, c, cAt, cPitch);
      row += 2;
    }
    if (row < rowEnd) {
      rows1(pattern, row, a, aBase, b, bAt, start, startAt, c, cAt, cPitch);
    }
  }

  private static void rows8(
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
    int row4 = aBase + rows[row + 4];
    int row5 = aBase + rows[row + 5];
    int row6 = aBase + rows[row + 6];
    int row7 = aBase + rows[row + 7];
    FloatVector c00 = FloatVector.fromArray(S, start, startAt);
    FloatVector c10 = c00;
    FloatVector c20 = c00;
    FloatVector c30 = c00;
    FloatVector c40 = c00;
    FloatVector c50 = c00;
    FloatVector c60 = c00;
    FloatVector c70 = c00;
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c00 = x0.fma(w0, c00);
      FloatVector x1 = FloatVector.broadcast(S, a[row1 + term]);
      c10 = x1.fma(w0, c10);
      FloatVector x2 = FloatVector.broadcast(S, a[row2 + term]);
      c20 = x2.fma(w0, c20);
      FloatVector x3 = FloatVector.broadcast(S, a[row3 + term]);
      c30 = x3.fma(w0, c30);
      FloatVector x4 = FloatVector.broadcast(S, a[row4 + term]);
      c40 = x4.fma(w0, c40);
      FloatVector x5 = FloatVector.broadcast(S, a[row5 + term]);
      c50 = x5.fma(w0, c50);
      FloatVector x6 = FloatVector.broadcast(S, a[row6 + term]);
      c60 = x6.fma(w0, c60);
      FloatVector x7 = FloatVector.broadcast(S, a[row7 + term]);
      c70 = x7.fma(w0, c70);
    }
    int to0 = cAt + row * cPitch;
    c00.intoArray(c, to0);
    int to1 = cAt + (row + 1) * cPitch;
    c10.intoArray(c, to1);
    int to2 = cAt + (row + 2) * cPitch;
    c20.intoArray(c, to2);
    int to3 = cAt + (row + 3) * cPitch;
    c30.intoArray(c, to3);
    int to4 = cAt + (row + 4) * cPitch;
    c40.intoArray(c, to4);
    int to5 = cAt + (row + 5) * cPitch;
    c50.intoArray(c, to5);
    int to6 = cAt + (row + 6) * cPitch;
    c60.intoArray(c, to6);
    int to7 = cAt + (row + 7) * cPitch;
    c70.intoArray(c, to7);
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
    FloatVector c10 = c00;
    FloatVector c20 = c00;
    FloatVector c30 = c00;
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c00 = x0.fma(w0, c00);
      FloatVector x1 = FloatVector.broadcast(S, a[row1 + term]);
      c10 = x1.fma(w0, c10);
      FloatVector x2 = FloatVector.broadcast(S, a[row2 + term]);
      c20 = x2.fma(w0, c20);
      FloatVector x3 = FloatVector.broadcast(S, a[row3 + term]);
      c30 = x3.fma(w0, c30);
    }
    int to0 = cAt + row * cPitch;
    c00.intoArray(c, to0);
    int to1 = cAt + (row + 1) * cPitch;
    c10.intoArray(c, to1);
    int to2 = cAt + (row + 2) * cPitch;
    c20.intoArray(c, to2);
    int to3 = cAt + (row + 3) * cPitch;
    c30.intoArray(c, to3);
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
    FloatVector c10 = c00;
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c00 = x0.fma(w0, c00);
      FloatVector x1 = FloatVector.broadcast(S, a[row1 + term]);
      c10 = x1.fma(w0, c10);
    }
    int to0 = cAt + row * cPitch;
    c00.intoArray(c, to0);
    int to1 = cAt + (row + 1) * cPitch;
    c10.intoArray(c, to1);
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
    for (int k = 0; k < terms.length; k++) {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, b0 + k * Kernels.LANES);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c00 = x0.fma(w0, c00);
    }
    int to0 = cAt + row * cPitch;
    c00.intoArray(c, to0);
  }
}
