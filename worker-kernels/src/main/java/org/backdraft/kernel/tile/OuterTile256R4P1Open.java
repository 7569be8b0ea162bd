package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums of outer products: 4 x 16 in 256-bit vectors. Written by {@code TileGenerator}. */
final class OuterTile256R4P1Open extends OuterTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;

  OuterTile256R4P1Open() {
    super(256, 4, 1, 1, true);
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
    int step = step(rows);
    int m = 0;
    do {
      int at = (starts[m] + k) & INDEX;
      FloatVector d0 = FloatVector.fromArray(S, d, m * 16);
      FloatVector d1 = FloatVector.fromArray(S, d, m * 16 + 8);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c0_0 = x0.fma(d0, c0_0);
      c0_1 = x0.fma(d1, c0_1);
      FloatVector x1 = FloatVector.broadcast(S, a[at + 1]);
      c1_0 = x1.fma(d0, c1_0);
      c1_1 = x1.fma(d1, c1_1);
      FloatVector x2 = FloatVector.broadcast(S, a[at + 2]);
      c2_0 = x2.fma(d0, c2_0);
      c2_1 = x2.fma(d1, c2_1);
      FloatVector x3 = FloatVector.broadcast(S, a[at + 3]);
      c3_0 = x3.fma(d0, c3_0);
      c3_1 = x3.fma(d1, c3_1);
      m += step;
    } while (m < length);
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
