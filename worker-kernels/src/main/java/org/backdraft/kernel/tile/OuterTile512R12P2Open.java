package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums of outer products: 12 x 32 in 512-bit vectors. Written by {@code TileGenerator}. */
final class OuterTile512R12P2Open extends OuterTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  OuterTile512R12P2Open() {
    super(512, 12, 2, 1, true);
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
    for (; k + 12 <= kEnd; k += 12) {
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
    FloatVector c8_0 = FloatVector.zero(S);
    FloatVector c8_1 = FloatVector.zero(S);
    FloatVector c9_0 = FloatVector.zero(S);
    FloatVector c9_1 = FloatVector.zero(S);
    FloatVector c10_0 = FloatVector.zero(S);
    FloatVector c10_1 = FloatVector.zero(S);
    FloatVector c11_0 = FloatVector.zero(S);
    FloatVector c11_1 = FloatVector.zero(S);
    int step = step(rows);
    int m = 0;
    do {
      int at = (starts[m] + k) & INDEX;
      FloatVector d0 = FloatVector.fromArray(S, d, m * 32);
      FloatVector d1 = FloatVector.fromArray(S, d, m * 32 + 16);
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
      FloatVector x4 = FloatVector.broadcast(S, a[at + 4]);
      c4_0 = x4.fma(d0, c4_0);
      c4_1 = x4.fma(d1, c4_1);
      FloatVector x5 = FloatVector.broadcast(S, a[at + 5]);
      c5_0 = x5.fma(d0, c5_0);
      c5_1 = x5.fma(d1, c5_1);
      FloatVector x6 = FloatVector.broadcast(S, a[at + 6]);
      c6_0 = x6.fma(d0, c6_0);
      c6_1 = x6.fma(d1, c6_1);
      FloatVector x7 = FloatVector.broadcast(S, a[at + 7]);
      c7_0 = x7.fma(d0, c7_0);
      c7_1 = x7.fma(d1, c7_1);
      FloatVector x8 = FloatVector.broadcast(S, a[at + 8]);
      c8_0 = x8.fma(d0, c8_0);
      c8_1 = x8.fma(d1, c8_1);
      FloatVector x9 = FloatVector.broadcast(S, a[at + 9]);
      c9_0 = x9.fma(d0, c9_0);
      c9_1 = x9.fma(d1, c9_1);
      FloatVector x10 = FloatVector.broadcast(S, a[at + 10]);
      c10_0 = x10.fma(d0, c10_0);
      c10_1 = x10.fma(d1, c10_1);
      FloatVector x11 = FloatVector.broadcast(S, a[at + 11]);
      c11_0 = x11.fma(d0, c11_0);
      c11_1 = x11.fma(d1, c11_1);
      m += step;
    } while (m < length);
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
    FloatVector.fromArray(S, start, (gAt + 128) & startMask).add(c8_0).intoArray(g, gAt + 128);
    FloatVector.fromArray(S, start, (gAt + gStride + 128) & startMask)
        .add(c8_1)
        .intoArray(g, gAt + gStride + 128);
    FloatVector.fromArray(S, start, (gAt + 144) & startMask).add(c9_0).intoArray(g, gAt + 144);
    FloatVector.fromArray(S, start, (gAt + gStride + 144) & startMask)
        .add(c9_1)
        .intoArray(g, gAt + gStride + 144);
    FloatVector.fromArray(S, start, (gAt + 160) & startMask).add(c10_0).intoArray(g, gAt + 160);
    FloatVector.fromArray(S, start, (gAt + gStride + 160) & startMask)
        .add(c10_1)
        .intoArray(g, gAt + gStride + 160);
    FloatVector.fromArray(S, start, (gAt + 176) & startMask).add(c11_0).intoArray(g, gAt + 176);
    FloatVector.fromArray(S, start, (gAt + gStride + 176) & startMask)
        .add(c11_1)
        .intoArray(g, gAt + gStride + 176);
  }
}
