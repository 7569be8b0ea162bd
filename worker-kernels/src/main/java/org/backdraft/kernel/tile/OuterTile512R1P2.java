package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums of outer products: 1 x 32 in 512-bit vectors. Written by {@code TileGenerator}. */
final class OuterTile512R1P2 extends OuterTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  OuterTile512R1P2() {
    super(512, 1, 2, 1, false);
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
    for (int m = 0; m < length; m += 1) {
      int at = (starts[m] + k) & INDEX;
      FloatVector d0 = FloatVector.fromArray(S, d, m * 32);
      FloatVector d1 = FloatVector.fromArray(S, d, m * 32 + 16);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c0_0 = x0.fma(d0, c0_0);
      c0_1 = x0.fma(d1, c0_1);
    }
    FloatVector.fromArray(S, start, gAt & startMask).add(c0_0).intoArray(g, gAt);
    FloatVector.fromArray(S, start, (gAt + gStride) & startMask)
        .add(c0_1)
        .intoArray(g, gAt + gStride);
  }
}
