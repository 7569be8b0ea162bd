package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products term by term: 2 x 16 in 512-bit vectors. Written by {@code TileGenerator}. */
final class TermTile512R2P1 extends TermTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  TermTile512R2P1() {
    super(512, 2, 1, 1, false);
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
    FloatVector c1_0 = c0_0;
    int k = 0;
    do {
      int term = terms[k];
      FloatVector w0 = FloatVector.fromArray(S, b, bAt + k * 16);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + term]);
      c0_0 = x0.fma(w0, c0_0);
      FloatVector x1 = FloatVector.broadcast(S, a[row1 + term]);
      c1_0 = x1.fma(w0, c1_0);
      k++;
    } while (k < terms.length);
    int to0 = cAt + targets[row];
    c0_0.intoArray(c, to0);
    int to1 = cAt + targets[row + 1];
    c1_0.intoArray(c, to1);
  }
}
