package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums of outer products: 1 x 16 in 256-bit vectors. Written by {@code TileGenerator}. */
final class OuterTile256R1P1Open extends OuterTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;

  OuterTile256R1P1Open() {
    super(256, 1, 1, 1, true);
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
    for (; k + 1 <= kEnd; k += 1) {
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
    int step = step(rows);
    int m = 0;
    do {
      int at = (starts[m] + k) & INDEX;
      FloatVector d0 = FloatVector.fromArray(S, d, m * 16);
      FloatVector d1 = FloatVector.fromArray(S, d, m * 16 + 8);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c0_0 = x0.fma(d0, c0_0);
      c0_1 = x0.fma(d1, c0_1);
      m += step;
    } while (m < length);
    FloatVector.fromArray(S, start, gAt & startMask).add(c0_0).intoArray(g, gAt);
    FloatVector.fromArray(S, start, (gAt + 8) & startMask).add(c0_1).intoArray(g, gAt + 8);
  }
}
