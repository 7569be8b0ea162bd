package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products along one run: 12 x 32 in 512-bit vectors. Written by {@code TileGenerator}. */
final class RunTile512R12P2Open extends RunTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  RunTile512R12P2Open() {
    super(512, 12, 2, 1, true);
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
    FloatVector c0_1 = FloatVector.fromArray(S, start, from0 + 16);
    int from1 = startAt + (targets[row + 1] & startMask);
    FloatVector c1_0 = FloatVector.fromArray(S, start, from1);
    FloatVector c1_1 = FloatVector.fromArray(S, start, from1 + 16);
    int from2 = startAt + (targets[row + 2] & startMask);
    FloatVector c2_0 = FloatVector.fromArray(S, start, from2);
    FloatVector c2_1 = FloatVector.fromArray(S, start, from2 + 16);
    int from3 = startAt + (targets[row + 3] & startMask);
    FloatVector c3_0 = FloatVector.fromArray(S, start, from3);
    FloatVector c3_1 = FloatVector.fromArray(S, start, from3 + 16);
    int from4 = startAt + (targets[row + 4] & startMask);
    FloatVector c4_0 = FloatVector.fromArray(S, start, from4);
    FloatVector c4_1 = FloatVector.fromArray(S, start, from4 + 16);
    int from5 = startAt + (targets[row + 5] & startMask);
    FloatVector c5_0 = FloatVector.fromArray(S, start, from5);
    FloatVector c5_1 = FloatVector.fromArray(S, start, from5 + 16);
    int from6 = startAt + (targets[row + 6] & startMask);
    FloatVector c6_0 = FloatVector.fromArray(S, start, from6);
    FloatVector c6_1 = FloatVector.fromArray(S, start, from6 + 16);
    int from7 = startAt + (targets[row + 7] & startMask);
    FloatVector c7_0 = FloatVector.fromArray(S, start, from7);
    FloatVector c7_1 = FloatVector.fromArray(S, start, from7 + 16);
    int from8 = startAt + (targets[row + 8] & startMask);
    FloatVector c8_0 = FloatVector.fromArray(S, start, from8);
    FloatVector c8_1 = FloatVector.fromArray(S, start, from8 + 16);
    int from9 = startAt + (targets[row + 9] & startMask);
    FloatVector c9_0 = FloatVector.fromArray(S, start, from9);
    FloatVector c9_1 = FloatVector.fromArray(S, start, from9 + 16);
    int from10 = startAt + (targets[row + 10] & startMask);
    FloatVector c10_0 = FloatVector.fromArray(S, start, from10);
    FloatVector c10_1 = FloatVector.fromArray(S, start, from10 + 16);
    int from11 = startAt + (targets[row + 11] & startMask);
    FloatVector c11_0 = FloatVector.fromArray(S, start, from11);
    FloatVector c11_1 = FloatVector.fromArray(S, start, from11 + 16);
    int step = step(depth);
    int bStep = 16 * step;
    int bEnd = bAt + 16 * length;
    do {
      FloatVector w0 = FloatVector.fromArray(S, b, bAt);
      FloatVector w1 = FloatVector.fromArray(S, b, bAt + panelSize);
      FloatVector x0 = FloatVector.broadcast(S, a[row0]);
      c0_0 = x0.fma(w0, c0_0);
      c0_1 = x0.fma(w1, c0_1);
      FloatVector x1 = FloatVector.broadcast(S, a[row1]);
      c1_0 = x1.fma(w0, c1_0);
      c1_1 = x1.fma(w1, c1_1);
      FloatVector x2 = FloatVector.broadcast(S, a[row2]);
      c2_0 = x2.fma(w0, c2_0);
      c2_1 = x2.fma(w1, c2_1);
      FloatVector x3 = FloatVector.broadcast(S, a[row3]);
      c3_0 = x3.fma(w0, c3_0);
      c3_1 = x3.fma(w1, c3_1);
      FloatVector x4 = FloatVector.broadcast(S, a[row4]);
      c4_0 = x4.fma(w0, c4_0);
      c4_1 = x4.fma(w1, c4_1);
      FloatVector x5 = FloatVector.broadcast(S, a[row5]);
      c5_0 = x5.fma(w0, c5_0);
      c5_1 = x5.fma(w1, c5_1);
      FloatVector x6 = FloatVector.broadcast(S, a[row6]);
      c6_0 = x6.fma(w0, c6_0);
      c6_1 = x6.fma(w1, c6_1);
      FloatVector x7 = FloatVector.broadcast(S, a[row7]);
      c7_0 = x7.fma(w0, c7_0);
      c7_1 = x7.fma(w1, c7_1);
      FloatVector x8 = FloatVector.broadcast(S, a[row8]);
      c8_0 = x8.fma(w0, c8_0);
      c8_1 = x8.fma(w1, c8_1);
      FloatVector x9 = FloatVector.broadcast(S, a[row9]);
      c9_0 = x9.fma(w0, c9_0);
      c9_1 = x9.fma(w1, c9_1);
      FloatVector x10 = FloatVector.broadcast(S, a[row10]);
      c10_0 = x10.fma(w0, c10_0);
      c10_1 = x10.fma(w1, c10_1);
      FloatVector x11 = FloatVector.broadcast(S, a[row11]);
      c11_0 = x11.fma(w0, c11_0);
      c11_1 = x11.fma(w1, c11_1);
      bAt += bStep;
      row0 += step;
      row1 += step;
      row2 += step;
      row3 += step;
      row4 += step;
      row5 += step;
      row6 += step;
      row7 += step;
      row8 += step;
      row9 += step;
      row10 += step;
      row11 += step;
    } while (bAt < bEnd);
    int to0 = cAt + targets[row];
    c0_0.intoArray(c, to0);
    c0_1.intoArray(c, to0 + 16);
    int to1 = cAt + targets[row + 1];
    c1_0.intoArray(c, to1);
    c1_1.intoArray(c, to1 + 16);
    int to2 = cAt + targets[row + 2];
    c2_0.intoArray(c, to2);
    c2_1.intoArray(c, to2 + 16);
    int to3 = cAt + targets[row + 3];
    c3_0.intoArray(c, to3);
    c3_1.intoArray(c, to3 + 16);
    int to4 = cAt + targets[row + 4];
    c4_0.intoArray(c, to4);
    c4_1.intoArray(c, to4 + 16);
    int to5 = cAt + targets[row + 5];
    c5_0.intoArray(c, to5);
    c5_1.intoArray(c, to5 + 16);
    int to6 = cAt + targets[row + 6];
    c6_0.intoArray(c, to6);
    c6_1.intoArray(c, to6 + 16);
    int to7 = cAt + targets[row + 7];
    c7_0.intoArray(c, to7);
    c7_1.intoArray(c, to7 + 16);
    int to8 = cAt + targets[row + 8];
    c8_0.intoArray(c, to8);
    c8_1.intoArray(c, to8 + 16);
    int to9 = cAt + targets[row + 9];
    c9_0.intoArray(c, to9);
    c9_1.intoArray(c, to9 + 16);
    int to10 = cAt + targets[row + 10];
    c10_0.intoArray(c, to10);
    c10_1.intoArray(c, to10 + 16);
    int to11 = cAt + targets[row + 11];
    c11_0.intoArray(c, to11);
    c11_1.intoArray(c, to11 + 16);
  }
}
