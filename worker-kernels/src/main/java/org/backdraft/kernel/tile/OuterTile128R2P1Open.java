package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums of outer products: 2 x 16 in 128-bit vectors. Written by {@code TileGenerator}. */
final class OuterTile128R2P1Open extends OuterTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_128;

  OuterTile128R2P1Open() {
    super(128, 2, 1, 1, true);
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
    for (; k + 2 <= kEnd; k += 2) {
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
    FloatVector c0_2 = FloatVector.zero(S);
    FloatVector c0_3 = FloatVector.zero(S);
    FloatVector c1_0 = FloatVector.zero(S);
    FloatVector c1_1 = FloatVector.zero(S);
    FloatVector c1_2 = FloatVector.zero(S);
    FloatVector c1_3 = FloatVector.zero(S);
    int step = step(rows);
    int m = 0;
    do {
      int at = (starts[m] + k) & INDEX;
      FloatVector d0 = FloatVector.fromArray(S, d, m * 16);
      FloatVector d1 = FloatVector.fromArray(S, d, m * 16 + 4);
      FloatVector d2 = FloatVector.fromArray(S, d, m * 16 + 8);
      FloatVector d3 = FloatVector.fromArray(S, d, m * 16 + 12);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c0_0 = x0.fma(d0, c0_0);
      c0_1 = x0.fma(d1, c0_1);
      c0_2 = x0.fma(d2, c0_2);
      c0_3 = x0.fma(d3, c0_3);
      FloatVector x1 = FloatVector.broadcast(S, a[at + 1]);
      c1_0 = x1.fma(d0, c1_0);
      c1_1 = x1.fma(d1, c1_1);
      c1_2 = x1.fma(d2, c1_2);
      c1_3 = x1.fma(d3, c1_3);
      m += step;
    } while (m < length);
    FloatVector.fromArray(S, start, gAt & startMask).add(c0_0).intoArray(g, gAt);
    FloatVector.fromArray(S, start, (gAt + 4) & startMask).add(c0_1).intoArray(g, gAt + 4);
    FloatVector.fromArray(S, start, (gAt + 8) & startMask).add(c0_2).intoArray(g, gAt + 8);
    FloatVector.fromArray(S, start, (gAt + 12) & startMask).add(c0_3).intoArray(g, gAt + 12);
    FloatVector.fromArray(S, start, (gAt + 16) & startMask).add(c1_0).intoArray(g, gAt + 16);
    FloatVector.fromArray(S, start, (gAt + 4 + 16) & startMask)
        .add(c1_1)
        .intoArray(g, gAt + 4 + 16);
    FloatVector.fromArray(S, start, (gAt + 8 + 16) & startMask)
        .add(c1_2)
        .intoArray(g, gAt + 8 + 16);
    FloatVector.fromArray(S, start, (gAt + 12 + 16) & startMask)
        .add(c1_3)
        .intoArray(g, gAt + 12 + 16);
  }
}
