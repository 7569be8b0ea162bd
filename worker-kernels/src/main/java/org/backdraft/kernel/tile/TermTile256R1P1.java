package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products term by term: 1 x 16 in 256-bit vectors. Written by {@code TileGenerator}. */
final class TermTile256R1P1 extends TermTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;

  TermTile256R1P1() {
    super(256, 1, 1, 1, false);
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
    for (; row + 1 <= rowEnd; row += 1) {
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
    FloatVector c0_0 = FloatVector.fromArray(S, start, startAt);
    FloatVector c0_1 = FloatVector.fromArray(S, start, startAt + 8);
    int k = 0;
    do {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, bAt + k * 16);
      FloatVector w1 = FloatVector.fromArray(S, b, bAt + 8 + k * 16);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c0_0 = x0.fma(w0, c0_0);
      c0_1 = x0.fma(w1, c0_1);
      k++;
    } while (k < terms.length);
    int to0 = cAt + targets[row];
    c0_0.intoArray(c, to0);
    c0_1.intoArray(c, to0 + 8);
  }
}
