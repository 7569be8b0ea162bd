package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products term by term: 8 x 16 in 512-bit vectors. Written by {@code TileGenerator}. */
final class TermTile512R8P1 extends TermTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  TermTile512R8P1() {
    super(512, 8, 1, 1, false);
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
    for (; row + 8 <= rowEnd; row += 8) {
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
    int row4 = aBase + offsets[row + 4];
    int row5 = aBase + offsets[row + 5];
    int row6 = aBase + offsets[row + 6];
    int row7 = aBase + offsets[row + 7];
    FloatVector c0_0 = FloatVector.fromArray(S, start, startAt);
    FloatVector c1_0 = c0_0;
    FloatVector c2_0 = c0_0;
    FloatVector c3_0 = c0_0;
    FloatVector c4_0 = c0_0;
    FloatVector c5_0 = c0_0;
    FloatVector c6_0 = c0_0;
    FloatVector c7_0 = c0_0;
    int k = 0;
    do {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, bAt + k * 16);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c0_0 = x0.fma(w0, c0_0);
      FloatVector x1 = FloatVector.broadcast(S, a[row1 + term]);
      c1_0 = x1.fma(w0, c1_0);
      FloatVector x2 = FloatVector.broadcast(S, a[row2 + term]);
      c2_0 = x2.fma(w0, c2_0);
      FloatVector x3 = FloatVector.broadcast(S, a[row3 + term]);
      c3_0 = x3.fma(w0, c3_0);
      FloatVector x4 = FloatVector.broadcast(S, a[row4 + term]);
      c4_0 = x4.fma(w0, c4_0);
      FloatVector x5 = FloatVector.broadcast(S, a[row5 + term]);
      c5_0 = x5.fma(w0, c5_0);
      FloatVector x6 = FloatVector.broadcast(S, a[row6 + term]);
      c6_0 = x6.fma(w0, c6_0);
      FloatVector x7 = FloatVector.broadcast(S, a[row7 + term]);
      c7_0 = x7.fma(w0, c7_0);
      k++;
    } while (k < terms.length);
    int to0 = cAt + targets[row];
    c0_0.intoArray(c, to0);
    int to1 = cAt + targets[row + 1];
    c1_0.intoArray(c, to1);
    int to2 = cAt + targets[row + 2];
    c2_0.intoArray(c, to2);
    int to3 = cAt + targets[row + 3];
    c3_0.intoArray(c, to3);
    int to4 = cAt + targets[row + 4];
    c4_0.intoArray(c, to4);
    int to5 = cAt + targets[row + 5];
    c5_0.intoArray(c, to5);
    int to6 = cAt + targets[row + 6];
    c6_0.intoArray(c, to6);
    int to7 = cAt + targets[row + 7];
    c7_0.intoArray(c, to7);
  }
}
