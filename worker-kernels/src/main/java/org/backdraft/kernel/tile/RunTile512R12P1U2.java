package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products along one run: 12 x 16 in 512-bit vectors. Written by {@code TileGenerator}. */
final class RunTile512R12P1U2 extends RunTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  RunTile512R12P1U2() {
    super(512, 12, 1, 2, false);
  }

  @Override
  int run(
      int[] offsets,
      int offsetsAt,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      int kBegin,
      int depth,
      float[] b,
      int bAt,
      int panelSize,
      float[] start,
      int startAt,
      int startMask,
      float[] c,
      int cAt,
      int[] targets) {
    int row = rowBegin;
    for (; row + 12 <= rowEnd; row += 12) {
      tile(
          offsets,
          offsetsAt + row,
          a,
          aBase,
          kBegin,
          depth,
          b,
          bAt,
          panelSize,
          start,
          startAt,
          startMask,
          c,
          cAt,
          targets,
          row);
    }
    return row;
  }

  private static void tile(
      int[] offsets,
      int at,
      float[] a,
      int aBase,
      int kBegin,
      int depth,
      float[] b,
      int bFirst,
      int stride,
      float[] start,
      int startAt,
      int startMask,
      float[] c,
      int cAt,
      int[] targets,
      int row) {
    int bAt = bFirst & INDEX;
    int panelSize = stride & INDEX;
    int length = depth & LENGTH;
    int row0 = (rowStart(offsets[at], aBase) + kBegin) & INDEX;
    int row1 = (rowStart(offsets[at + 1], aBase) + kBegin) & INDEX;
    int row2 = (rowStart(offsets[at + 2], aBase) + kBegin) & INDEX;
    int row3 = (rowStart(offsets[at + 3], aBase) + kBegin) & INDEX;
    int row4 = (rowStart(offsets[at + 4], aBase) + kBegin) & INDEX;
    int row5 = (rowStart(offsets[at + 5], aBase) + kBegin) & INDEX;
    int row6 = (rowStart(offsets[at + 6], aBase) + kBegin) & INDEX;
    int row7 = (rowStart(offsets[at + 7], aBase) + kBegin) & INDEX;
    int row8 = (rowStart(offsets[at + 8], aBase) + kBegin) & INDEX;
    int row9 = (rowStart(offsets[at + 9], aBase) + kBegin) & INDEX;
    int row10 = (rowStart(offsets[at + 10], aBase) + kBegin) & INDEX;
    int row11 = (rowStart(offsets[at + 11], aBase) + kBegin) & INDEX;
    int from0 = startAt + (targets[row] & startMask);
    FloatVector c0_0 = FloatVector.fromArray(S, start, from0);
    int from1 = startAt + (targets[row + 1] & startMask);
    FloatVector c1_0 = FloatVector.fromArray(S, start, from1);
    int from2 = startAt + (targets[row + 2] & startMask);
    FloatVector c2_0 = FloatVector.fromArray(S, start, from2);
    int from3 = startAt + (targets[row + 3] & startMask);
    FloatVector c3_0 = FloatVector.fromArray(S, start, from3);
    int from4 = startAt + (targets[row + 4] & startMask);
    FloatVector c4_0 = FloatVector.fromArray(S, start, from4);
    int from5 = startAt + (targets[row + 5] & startMask);
    FloatVector c5_0 = FloatVector.fromArray(S, start, from5);
    int from6 = startAt + (targets[row + 6] & startMask);
    FloatVector c6_0 = FloatVector.fromArray(S, start, from6);
    int from7 = startAt + (targets[row + 7] & startMask);
    FloatVector c7_0 = FloatVector.fromArray(S, start, from7);
    int from8 = startAt + (targets[row + 8] & startMask);
    FloatVector c8_0 = FloatVector.fromArray(S, start, from8);
    int from9 = startAt + (targets[row + 9] & startMask);
    FloatVector c9_0 = FloatVector.fromArray(S, start, from9);
    int from10 = startAt + (targets[row + 10] & startMask);
    FloatVector c10_0 = FloatVector.fromArray(S, start, from10);
    int from11 = startAt + (targets[row + 11] & startMask);
    FloatVector c11_0 = FloatVector.fromArray(S, start, from11);
    for (int k = 0; k < length; k += 2) {
      FloatVector w0_0 = FloatVector.fromArray(S, b, bAt + k * 16);
      FloatVector x0_0 = FloatVector.broadcast(S, a[row0 + k]);
      c0_0 = x0_0.fma(w0_0, c0_0);
      FloatVector x1_0 = FloatVector.broadcast(S, a[row1 + k]);
      c1_0 = x1_0.fma(w0_0, c1_0);
      FloatVector x2_0 = FloatVector.broadcast(S, a[row2 + k]);
      c2_0 = x2_0.fma(w0_0, c2_0);
      FloatVector x3_0 = FloatVector.broadcast(S, a[row3 + k]);
      c3_0 = x3_0.fma(w0_0, c3_0);
      FloatVector x4_0 = FloatVector.broadcast(S, a[row4 + k]);
      c4_0 = x4_0.fma(w0_0, c4_0);
      FloatVector x5_0 = FloatVector.broadcast(S, a[row5 + k]);
      c5_0 = x5_0.fma(w0_0, c5_0);
      FloatVector x6_0 = FloatVector.broadcast(S, a[row6 + k]);
      c6_0 = x6_0.fma(w0_0, c6_0);
      FloatVector x7_0 = FloatVector.broadcast(S, a[row7 + k]);
      c7_0 = x7_0.fma(w0_0, c7_0);
      FloatVector x8_0 = FloatVector.broadcast(S, a[row8 + k]);
      c8_0 = x8_0.fma(w0_0, c8_0);
      FloatVector x9_0 = FloatVector.broadcast(S, a[row9 + k]);
      c9_0 = x9_0.fma(w0_0, c9_0);
      FloatVector x10_0 = FloatVector.broadcast(S, a[row10 + k]);
      c10_0 = x10_0.fma(w0_0, c10_0);
      FloatVector x11_0 = FloatVector.broadcast(S, a[row11 + k]);
      c11_0 = x11_0.fma(w0_0, c11_0);
      FloatVector w0_1 = FloatVector.fromArray(S, b, bAt + k * 16 + 16);
      FloatVector x0_1 = FloatVector.broadcast(S, a[row0 + k + 1]);
      c0_0 = x0_1.fma(w0_1, c0_0);
      FloatVector x1_1 = FloatVector.broadcast(S, a[row1 + k + 1]);
      c1_0 = x1_1.fma(w0_1, c1_0);
      FloatVector x2_1 = FloatVector.broadcast(S, a[row2 + k + 1]);
      c2_0 = x2_1.fma(w0_1, c2_0);
      FloatVector x3_1 = FloatVector.broadcast(S, a[row3 + k + 1]);
      c3_0 = x3_1.fma(w0_1, c3_0);
      FloatVector x4_1 = FloatVector.broadcast(S, a[row4 + k + 1]);
      c4_0 = x4_1.fma(w0_1, c4_0);
      FloatVector x5_1 = FloatVector.broadcast(S, a[row5 + k + 1]);
      c5_0 = x5_1.fma(w0_1, c5_0);
      FloatVector x6_1 = FloatVector.broadcast(S, a[row6 + k + 1]);
      c6_0 = x6_1.fma(w0_1, c6_0);
      FloatVector x7_1 = FloatVector.broadcast(S, a[row7 + k + 1]);
      c7_0 = x7_1.fma(w0_1, c7_0);
      FloatVector x8_1 = FloatVector.broadcast(S, a[row8 + k + 1]);
      c8_0 = x8_1.fma(w0_1, c8_0);
      FloatVector x9_1 = FloatVector.broadcast(S, a[row9 + k + 1]);
      c9_0 = x9_1.fma(w0_1, c9_0);
      FloatVector x10_1 = FloatVector.broadcast(S, a[row10 + k + 1]);
      c10_0 = x10_1.fma(w0_1, c10_0);
      FloatVector x11_1 = FloatVector.broadcast(S, a[row11 + k + 1]);
      c11_0 = x11_1.fma(w0_1, c11_0);
    }
    int to0 = cAt + targets[row];
    c0_0.intoArray(c, to0);
    int to1 = cAt + targets[row + 1];
    c1_0.intoArray(c, to1);
    int to2 = cAt + targets[row + 2];
    c2_0.intoArray(c, to2);
    int to3 = cAt + targets[row + 3];
    c3_0.intoArray(c, to3);
    int to4 = cAt + targets[row + 4];
    c4_0.intoArray(c, to4);
    int to5 = cAt + targets[row + 5];
    c5_0.intoArray(c, to5);
    int to6 = cAt + targets[row + 6];
    c6_0.intoArray(c, to6);
    int to7 = cAt + targets[row + 7];
    c7_0.intoArray(c, to7);
    int to8 = cAt + targets[row + 8];
    c8_0.intoArray(c, to8);
    int to9 = cAt + targets[row + 9];
    c9_0.intoArray(c, to9);
    int to10 = cAt + targets[row + 10];
    c10_0.intoArray(c, to10);
    int to11 = cAt + targets[row + 11];
    c11_0.intoArray(c, to11);
  }
}
