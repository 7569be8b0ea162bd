package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums of outer products: 4 x 16 in 256-bit vectors. Written by {@code TileGenerator}. */
final class OuterTile256R4P1U2 extends OuterTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;

  OuterTile256R4P1U2() {
    super(256, 4, 1, 2, false);
  }

  @Override
  int run(
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
      int gStride) {
    int k = kBegin;
    for (; k + 4 <= kEnd; k += 4) {
      tile(starts, rows, k, a, d, start, startMask, g, gAt + (k - kBegin) * 16, gStride);
    }
    return k;
  }

  private static void tile(
      int[] starts,
      int rows,
      int k,
      float[] a,
      float[] d,
      float[] start,
      int startMask,
      float[] g,
      int gAt,
      int gStride) {
    int length = rows & LENGTH;
    FloatVector c0_0 = FloatVector.zero(S);
    FloatVector c0_1 = FloatVector.zero(S);
    FloatVector c1_0 = FloatVector.zero(S);
    FloatVector c1_1 = FloatVector.zero(S);
    FloatVector c2_0 = FloatVector.zero(S);
    FloatVector c2_1 = FloatVector.zero(S);
    FloatVector c3_0 = FloatVector.zero(S);
    FloatVector c3_1 = FloatVector.zero(S);
    for (int m = 0; m < length; m += 2) {
      int at_0 = (starts[m] + k) & INDEX;
      FloatVector d0_0 = FloatVector.fromArray(S, d, m * 16);
      FloatVector d1_0 = FloatVector.fromArray(S, d, m * 16 + 8);
      FloatVector x0_0 = FloatVector.broadcast(S, a[at_0]);
      c0_0 = x0_0.fma(d0_0, c0_0);
      c0_1 = x0_0.fma(d1_0, c0_1);
      FloatVector x1_0 = FloatVector.broadcast(S, a[at_0 + 1]);
      c1_0 = x1_0.fma(d0_0, c1_0);
      c1_1 = x1_0.fma(d1_0, c1_1);
      FloatVector x2_0 = FloatVector.broadcast(S, a[at_0 + 2]);
      c2_0 = x2_0.fma(d0_0, c2_0);
      c2_1 = x2_0.fma(d1_0, c2_1);
      FloatVector x3_0 = FloatVector.broadcast(S, a[at_0 + 3]);
      c3_0 = x3_0.fma(d0_0, c3_0);
      c3_1 = x3_0.fma(d1_0, c3_1);
      int at_1 = (starts[m + 1] + k) & INDEX;
      FloatVector d0_1 = FloatVector.fromArray(S, d, m * 16 + 16);
      FloatVector d1_1 = FloatVector.fromArray(S, d, m * 16 + 24);
      FloatVector x0_1 = FloatVector.broadcast(S, a[at_1]);
      c0_0 = x0_1.fma(d0_1, c0_0);
      c0_1 = x0_1.fma(d1_1, c0_1);
      FloatVector x1_1 = FloatVector.broadcast(S, a[at_1 + 1]);
      c1_0 = x1_1.fma(d0_1, c1_0);
      c1_1 = x1_1.fma(d1_1, c1_1);
      FloatVector x2_1 = FloatVector.broadcast(S, a[at_1 + 2]);
      c2_0 = x2_1.fma(d0_1, c2_0);
      c2_1 = x2_1.fma(d1_1, c2_1);
      FloatVector x3_1 = FloatVector.broadcast(S, a[at_1 + 3]);
      c3_0 = x3_1.fma(d0_1, c3_0);
      c3_1 = x3_1.fma(d1_1, c3_1);
    }
    FloatVector.fromArray(S, start, gAt & startMask).add(c0_0).intoArray(g, gAt);
    FloatVector.fromArray(S, start, (gAt + 8) & startMask).add(c0_1).intoArray(g, gAt + 8);
    FloatVector.fromArray(S, start, (gAt + 16) & startMask).add(c1_0).intoArray(g, gAt + 16);
    FloatVector.fromArray(S, start, (gAt + 8 + 16) & startMask)
        .add(c1_1)
        .intoArray(g, gAt + 8 + 16);
    FloatVector.fromArray(S, start, (gAt + 32) & startMask).add(c2_0).intoArray(g, gAt + 32);
    FloatVector.fromArray(S, start, (gAt + 8 + 32) & startMask)
        .add(c2_1)
        .intoArray(g, gAt + 8 + 32);
    FloatVector.fromArray(S, start, (gAt + 48) & startMask).add(c3_0).intoArray(g, gAt + 48);
    FloatVector.fromArray(S, start, (gAt + 8 + 48) & startMask)
        .add(c3_1)
        .intoArray(g, gAt + 8 + 48);
  }
}
