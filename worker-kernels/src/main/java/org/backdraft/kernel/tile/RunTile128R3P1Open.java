package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products along one run: 3 x 16 in 128-bit vectors. Written by {@code TileGenerator}. */
final class RunTile128R3P1Open extends RunTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_128;

  RunTile128R3P1Open() {
    super(128, 3, 1, 1, true);
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
    for (; row + 3 <= rowEnd; row += 3) {
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
    int from0 = startAt + (targets[row] & startMask);
    FloatVector c0_0 = FloatVector.fromArray(S, start, from0);
    FloatVector c0_1 = FloatVector.fromArray(S, start, from0 + 4);
    FloatVector c0_2 = FloatVector.fromArray(S, start, from0 + 8);
    FloatVector c0_3 = FloatVector.fromArray(S, start, from0 + 12);
    int from1 = startAt + (targets[row + 1] & startMask);
    FloatVector c1_0 = FloatVector.fromArray(S, start, from1);
    FloatVector c1_1 = FloatVector.fromArray(S, start, from1 + 4);
    FloatVector c1_2 = FloatVector.fromArray(S, start, from1 + 8);
    FloatVector c1_3 = FloatVector.fromArray(S, start, from1 + 12);
    int from2 = startAt + (targets[row + 2] & startMask);
    FloatVector c2_0 = FloatVector.fromArray(S, start, from2);
    FloatVector c2_1 = FloatVector.fromArray(S, start, from2 + 4);
    FloatVector c2_2 = FloatVector.fromArray(S, start, from2 + 8);
    FloatVector c2_3 = FloatVector.fromArray(S, start, from2 + 12);
    int step = step(depth);
    int bStep = 16 * step;
    int bEnd = bAt + 16 * length;
    do {
      FloatVector w0 = FloatVector.fromArray(S, b, bAt);
      FloatVector w1 = FloatVector.fromArray(S, b, bAt + 4);
      FloatVector w2 = FloatVector.fromArray(S, b, bAt + 8);
      FloatVector w3 = FloatVector.fromArray(S, b, bAt + 12);
      FloatVector x0 = FloatVector.broadcast(S, a[row0]);
      c0_0 = x0.fma(w0, c0_0);
      c0_1 = x0.fma(w1, c0_1);
      c0_2 = x0.fma(w2, c0_2);
      c0_3 = x0.fma(w3, c0_3);
      FloatVector x1 = FloatVector.broadcast(S, a[row1]);
      c1_0 = x1.fma(w0, c1_0);
      c1_1 = x1.fma(w1, c1_1);
      c1_2 = x1.fma(w2, c1_2);
      c1_3 = x1.fma(w3, c1_3);
      FloatVector x2 = FloatVector.broadcast(S, a[row2]);
      c2_0 = x2.fma(w0, c2_0);
      c2_1 = x2.fma(w1, c2_1);
      c2_2 = x2.fma(w2, c2_2);
      c2_3 = x2.fma(w3, c2_3);
      bAt += bStep;
      row0 += step;
      row1 += step;
      row2 += step;
    } while (bAt < bEnd);
    int to0 = cAt + targets[row];
    c0_0.intoArray(c, to0);
    c0_1.intoArray(c, to0 + 4);
    c0_2.intoArray(c, to0 + 8);
    c0_3.intoArray(c, to0 + 12);
    int to1 = cAt + targets[row + 1];
    c1_0.intoArray(c, to1);
    c1_1.intoArray(c, to1 + 4);
    c1_2.intoArray(c, to1 + 8);
    c1_3.intoArray(c, to1 + 12);
    int to2 = cAt + targets[row + 2];
    c2_0.intoArray(c, to2);
    c2_1.intoArray(c, to2 + 4);
    c2_2.intoArray(c, to2 + 8);
    c2_3.intoArray(c, to2 + 12);
  }
}
