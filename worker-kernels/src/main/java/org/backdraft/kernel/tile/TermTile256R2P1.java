package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products term by term: 2 x 16 in 256-bit vectors. Written by {@code TileGenerator}. */
final class TermTile256R2P1 extends TermTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;

  TermTile256R2P1() {
    super(256, 2, 1, 1, false);
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
    for (; row + 2 <= rowEnd; row += 2) {
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
    FloatVector c0_0 = FloatVector.fromArray(S, start, startAt);
    FloatVector c0_1 = FloatVector.fromArray(S, start, startAt + 8);
    FloatVector c1_0 = c0_0;
    FloatVector c1_1 = c0_1;
    int k = 0;
    do {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, bAt + k * 16);
      FloatVector w1 = FloatVector.fromArray(S, b, bAt + 8 + k * 16);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c0_0 = x0.fma(w0, c0_0);
      c0_1 = x0.fma(w1, c0_1);
      FloatVector x1 = FloatVector.broadcast(S, a[row1 + term]);
      c1_0 = x1.fma(w0, c1_0);
      c1_1 = x1.fma(w1, c1_1);
      k++;
    } while (k < terms.length);
    int to0 = cAt + targets[row];
    c0_0.intoArray(c, to0);
    c0_1.intoArray(c, to0 + 8);
    int to1 = cAt + targets[row + 1];
    c1_0.intoArray(c, to1);
    c1_1.intoArray(c, to1 + 8);
  }
}
