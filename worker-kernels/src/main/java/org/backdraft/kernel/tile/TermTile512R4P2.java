package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products term by term: 4 x 32 in 512-bit vectors. Written by {@code TileGenerator}. */
final class TermTile512R4P2 extends TermTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  TermTile512R4P2() {
    super(512, 4, 2, 1, false);
  }

  @Override
  int run(
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
      int[] targets) {
    int row = rowBegin;
    for (; row + 4 <= rowEnd; row += 4) {
      tile(offsets, row, a, aBase, terms, b, bAt, panelSize, start, startAt, c, cAt, targets);
    }
    return row;
  }

  private static void tile(
      int[] offsets,
      int row,
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
      int[] targets) {
    int row0 = aBase + offsets[row];
    int row1 = aBase + offsets[row + 1];
    int row2 = aBase + offsets[row + 2];
    int row3 = aBase + offsets[row + 3];
    FloatVector c0_0 = FloatVector.fromArray(S, start, startAt);
    FloatVector c0_1 = FloatVector.fromArray(S, start, startAt + 16);
    FloatVector c1_0 = c0_0;
    FloatVector c1_1 = c0_1;
    FloatVector c2_0 = c0_0;
    FloatVector c2_1 = c0_1;
    FloatVector c3_0 = c0_0;
    FloatVector c3_1 = c0_1;
    int k = 0;
    do {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, bAt + k * 16);
      FloatVector w1 = FloatVector.fromArray(S, b, bAt + panelSize + k * 16);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c0_0 = x0.fma(w0, c0_0);
      c0_1 = x0.fma(w1, c0_1);
      FloatVector x1 = FloatVector.broadcast(S, a[row1 + term]);
      c1_0 = x1.fma(w0, c1_0);
      c1_1 = x1.fma(w1, c1_1);
      FloatVector x2 = FloatVector.broadcast(S, a[row2 + term]);
      c2_0 = x2.fma(w0, c2_0);
      c2_1 = x2.fma(w1, c2_1);
      FloatVector x3 = FloatVector.broadcast(S, a[row3 + term]);
      c3_0 = x3.fma(w0, c3_0);
      c3_1 = x3.fma(w1, c3_1);
      k++;
    } while (k < terms.length);
    int to0 = cAt + targets[row];
    c0_0.intoArray(c, to0);
    c0_1.intoArray(c, to0 + 16);
    int to1 = cAt + targets[row + 1];
    c1_0.intoArray(c, to1);
    c1_1.intoArray(c, to1 + 16);
    int to2 = cAt + targets[row + 2];
    c2_0.intoArray(c, to2);
    c2_1.intoArray(c, to2 + 16);
    int to3 = cAt + targets[row + 3];
    c3_0.intoArray(c, to3);
    c3_1.intoArray(c, to3 + 16);
  }
}
