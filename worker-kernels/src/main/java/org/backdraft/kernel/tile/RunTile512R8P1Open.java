package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products along one run: 8 x 16 in 512-bit vectors. Written by {@code TileGenerator}. */
final class RunTile512R8P1Open extends RunTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  RunTile512R8P1Open() {
    super(512, 8, 1, 1, true);
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
    for (; row + 8 <= rowEnd; row += 8) {
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
    int step = step(depth);
    int bStep = 16 * step;
    int bEnd = bAt + 16 * length;
    do {
      FloatVector w0 = FloatVector.fromArray(S, b, bAt);
      FloatVector x0 = FloatVector.broadcast(S, a[row0]);
      c0_0 = x0.fma(w0, c0_0);
      FloatVector x1 = FloatVector.broadcast(S, a[row1]);
      c1_0 = x1.fma(w0, c1_0);
      FloatVector x2 = FloatVector.broadcast(S, a[row2]);
      c2_0 = x2.fma(w0, c2_0);
      FloatVector x3 = FloatVector.broadcast(S, a[row3]);
      c3_0 = x3.fma(w0, c3_0);
      FloatVector x4 = FloatVector.broadcast(S, a[row4]);
      c4_0 = x4.fma(w0, c4_0);
      FloatVector x5 = FloatVector.broadcast(S, a[row5]);
      c5_0 = x5.fma(w0, c5_0);
      FloatVector x6 = FloatVector.broadcast(S, a[row6]);
      c6_0 = x6.fma(w0, c6_0);
      FloatVector x7 = FloatVector.broadcast(S, a[row7]);
      c7_0 = x7.fma(w0, c7_0);
      bAt += bStep;
      row0 += step;
      row1 += step;
      row2 += step;
      row3 += step;
      row4 += step;
      row5 += step;
      row6 += step;
      row7 += step;
    } while (bAt < bEnd);
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
  }
}
