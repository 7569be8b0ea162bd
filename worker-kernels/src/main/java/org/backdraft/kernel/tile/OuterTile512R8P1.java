package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums of outer products: 8 x 16 in 512-bit vectors. Written by {@code TileGenerator}. */
final class OuterTile512R8P1 extends OuterTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  OuterTile512R8P1() {
    super(512, 8, 1, 1, false);
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
    for (; k + 8 <= kEnd; k += 8) {
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
    FloatVector c1_0 = FloatVector.zero(S);
    FloatVector c2_0 = FloatVector.zero(S);
    FloatVector c3_0 = FloatVector.zero(S);
    FloatVector c4_0 = FloatVector.zero(S);
    FloatVector c5_0 = FloatVector.zero(S);
    FloatVector c6_0 = FloatVector.zero(S);
    FloatVector c7_0 = FloatVector.zero(S);
    for (int m = 0; m < length; m += 1) {
      int at = (starts[m] + k) & INDEX;
      FloatVector d0 = FloatVector.fromArray(S, d, m * 16);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c0_0 = x0.fma(d0, c0_0);
      FloatVector x1 = FloatVector.broadcast(S, a[at + 1]);
      c1_0 = x1.fma(d0, c1_0);
      FloatVector x2 = FloatVector.broadcast(S, a[at + 2]);
      c2_0 = x2.fma(d0, c2_0);
      FloatVector x3 = FloatVector.broadcast(S, a[at + 3]);
      c3_0 = x3.fma(d0, c3_0);
      FloatVector x4 = FloatVector.broadcast(S, a[at + 4]);
      c4_0 = x4.fma(d0, c4_0);
      FloatVector x5 = FloatVector.broadcast(S, a[at + 5]);
      c5_0 = x5.fma(d0, c5_0);
      FloatVector x6 = FloatVector.broadcast(S, a[at + 6]);
      c6_0 = x6.fma(d0, c6_0);
      FloatVector x7 = FloatVector.broadcast(S, a[at + 7]);
      c7_0 = x7.fma(d0, c7_0);
    }
    FloatVector.fromArray(S, start, gAt & startMask).add(c0_0).intoArray(g, gAt);
    FloatVector.fromArray(S, start, (gAt + 16) & startMask).add(c1_0).intoArray(g, gAt + 16);
    FloatVector.fromArray(S, start, (gAt + 32) & startMask).add(c2_0).intoArray(g, gAt + 32);
    FloatVector.fromArray(S, start, (gAt + 48) & startMask).add(c3_0).intoArray(g, gAt + 48);
    FloatVector.fromArray(S, start, (gAt + 64) & startMask).add(c4_0).intoArray(g, gAt + 64);
    FloatVector.fromArray(S, start, (gAt + 80) & startMask).add(c5_0).intoArray(g, gAt + 80);
    FloatVector.fromArray(S, start, (gAt + 96) & startMask).add(c6_0).intoArray(g, gAt + 96);
    FloatVector.fromArray(S, start, (gAt + 112) & startMask).add(c7_0).intoArray(g, gAt + 112);
  }
}
