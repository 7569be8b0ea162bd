package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums of outer products: 8 x 32 in 512-bit vectors. Written by {@code TileGenerator}. */
final class OuterTile512R8P2U2 extends OuterTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  OuterTile512R8P2U2() {
    super(512, 8, 2, 2, false);
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
    FloatVector c0_1 = FloatVector.zero(S);
    FloatVector c1_0 = FloatVector.zero(S);
    FloatVector c1_1 = FloatVector.zero(S);
    FloatVector c2_0 = FloatVector.zero(S);
    FloatVector c2_1 = FloatVector.zero(S);
    FloatVector c3_0 = FloatVector.zero(S);
    FloatVector c3_1 = FloatVector.zero(S);
    FloatVector c4_0 = FloatVector.zero(S);
    FloatVector c4_1 = FloatVector.zero(S);
    FloatVector c5_0 = FloatVector.zero(S);
    FloatVector c5_1 = FloatVector.zero(S);
    FloatVector c6_0 = FloatVector.zero(S);
    FloatVector c6_1 = FloatVector.zero(S);
    FloatVector c7_0 = FloatVector.zero(S);
    FloatVector c7_1 = FloatVector.zero(S);
    for (int m = 0; m < length; m += 2) {
      int at_0 = (starts[m] + k) & INDEX;
      FloatVector d0_0 = FloatVector.fromArray(S, d, m * 32);
      FloatVector d1_0 = FloatVector.fromArray(S, d, m * 32 + 16);
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
      FloatVector x4_0 = FloatVector.broadcast(S, a[at_0 + 4]);
      c4_0 = x4_0.fma(d0_0, c4_0);
      c4_1 = x4_0.fma(d1_0, c4_1);
      FloatVector x5_0 = FloatVector.broadcast(S, a[at_0 + 5]);
      c5_0 = x5_0.fma(d0_0, c5_0);
      c5_1 = x5_0.fma(d1_0, c5_1);
      FloatVector x6_0 = FloatVector.broadcast(S, a[at_0 + 6]);
      c6_0 = x6_0.fma(d0_0, c6_0);
      c6_1 = x6_0.fma(d1_0, c6_1);
      FloatVector x7_0 = FloatVector.broadcast(S, a[at_0 + 7]);
      c7_0 = x7_0.fma(d0_0, c7_0);
      c7_1 = x7_0.fma(d1_0, c7_1);
      int at_1 = (starts[m + 1] + k) & INDEX;
      FloatVector d0_1 = FloatVector.fromArray(S, d, m * 32 + 32);
      FloatVector d1_1 = FloatVector.fromArray(S, d, m * 32 + 48);
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
      FloatVector x4_1 = FloatVector.broadcast(S, a[at_1 + 4]);
      c4_0 = x4_1.fma(d0_1, c4_0);
      c4_1 = x4_1.fma(d1_1, c4_1);
      FloatVector x5_1 = FloatVector.broadcast(S, a[at_1 + 5]);
      c5_0 = x5_1.fma(d0_1, c5_0);
      c5_1 = x5_1.fma(d1_1, c5_1);
      FloatVector x6_1 = FloatVector.broadcast(S, a[at_1 + 6]);
      c6_0 = x6_1.fma(d0_1, c6_0);
      c6_1 = x6_1.fma(d1_1, c6_1);
      FloatVector x7_1 = FloatVector.broadcast(S, a[at_1 + 7]);
      c7_0 = x7_1.fma(d0_1, c7_0);
      c7_1 = x7_1.fma(d1_1, c7_1);
    }
    FloatVector.fromArray(S, start, gAt & startMask).add(c0_0).intoArray(g, gAt);
    FloatVector.fromArray(S, start, (gAt + gStride) & startMask)
        .add(c0_1)
        .intoArray(g, gAt + gStride);
    FloatVector.fromArray(S, start, (gAt + 16) & startMask).add(c1_0).intoArray(g, gAt + 16);
    FloatVector.fromArray(S, start, (gAt + gStride + 16) & startMask)
        .add(c1_1)
        .intoArray(g, gAt + gStride + 16);
    FloatVector.fromArray(S, start, (gAt + 32) & startMask).add(c2_0).intoArray(g, gAt + 32);
    FloatVector.fromArray(S, start, (gAt + gStride + 32) & startMask)
        .add(c2_1)
        .intoArray(g, gAt + gStride + 32);
    FloatVector.fromArray(S, start, (gAt + 48) & startMask).add(c3_0).intoArray(g, gAt + 48);
    FloatVector.fromArray(S, start, (gAt + gStride + 48) & startMask)
        .add(c3_1)
        .intoArray(g, gAt + gStride + 48);
    FloatVector.fromArray(S, start, (gAt + 64) & startMask).add(c4_0).intoArray(g, gAt + 64);
    FloatVector.fromArray(S, start, (gAt + gStride + 64) & startMask)
        .add(c4_1)
        .intoArray(g, gAt + gStride + 64);
    FloatVector.fromArray(S, start, (gAt + 80) & startMask).add(c5_0).intoArray(g, gAt + 80);
    FloatVector.fromArray(S, start, (gAt + gStride + 80) & startMask)
        .add(c5_1)
        .intoArray(g, gAt + gStride + 80);
    FloatVector.fromArray(S, start, (gAt + 96) & startMask).add(c6_0).intoArray(g, gAt + 96);
    FloatVector.fromArray(S, start, (gAt + gStride + 96) & startMask)
        .add(c6_1)
        .intoArray(g, gAt + gStride + 96);
    FloatVector.fromArray(S, start, (gAt + 112) & startMask).add(c7_0).intoArray(g, gAt + 112);
    FloatVector.fromArray(S, start, (gAt + gStride + 112) & startMask)
        .add(c7_1)
        .intoArray(g, gAt + gStride + 112);
  }
}
