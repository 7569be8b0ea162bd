package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products of packed rows: 4 x 16 in 256-bit vectors. Written by {@code TileGenerator}. */
final class PackedTile256R4P1Open extends PackedTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;

  PackedTile256R4P1Open() {
    super(256, 4, 1, 1, true);
  }

  @Override
  int pack(
      int[] offsets,
      int offsetsAt,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      int kBegin,
      int depth,
      float[] packed) {
    int row = rowBegin;
    for (; row + 4 <= rowEnd; row += 4) {
      pack(offsets, offsetsAt + row, a, aBase, kBegin, depth, packed, (row - rowBegin) * depth);
    }
    return row;
  }

  private static void pack(
      int[] offsets,
      int at,
      float[] a,
      int aBase,
      int kBegin,
      int depth,
      float[] packed,
      int packedAt) {
    int to = packedAt & INDEX;
    int length = depth & LENGTH;
    int row0 = (rowStart(offsets[at], aBase) + kBegin) & INDEX;
    int row1 = (rowStart(offsets[at + 1], aBase) + kBegin) & INDEX;
    int row2 = (rowStart(offsets[at + 2], aBase) + kBegin) & INDEX;
    int row3 = (rowStart(offsets[at + 3], aBase) + kBegin) & INDEX;
    for (int k = 0; k < length; k++) {
      packed[to + k * 4] = a[row0 + k];
      packed[to + k * 4 + 1] = a[row1 + k];
      packed[to + k * 4 + 2] = a[row2 + k];
      packed[to + k * 4 + 3] = a[row3 + k];
    }
  }

  @Override
  void run(
      float[] packed,
      int rowBegin,
      int rowEnd,
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
    for (int row = rowBegin; row < rowEnd; row += 4) {
      tile(
          packed,
          (row - rowBegin) * depth,
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
  }

  private static void tile(
      float[] packed,
      int packedAt,
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
    int at = packedAt & INDEX;
    int bAt = bFirst & INDEX;
    int panelSize = stride & INDEX;
    int length = depth & LENGTH;
    int from0 = startAt + (targets[row] & startMask);
    FloatVector c0_0 = FloatVector.fromArray(S, start, from0);
    FloatVector c0_1 = FloatVector.fromArray(S, start, from0 + 8);
    int from1 = startAt + (targets[row + 1] & startMask);
    FloatVector c1_0 = FloatVector.fromArray(S, start, from1);
    FloatVector c1_1 = FloatVector.fromArray(S, start, from1 + 8);
    int from2 = startAt + (targets[row + 2] & startMask);
    FloatVector c2_0 = FloatVector.fromArray(S, start, from2);
    FloatVector c2_1 = FloatVector.fromArray(S, start, from2 + 8);
    int from3 = startAt + (targets[row + 3] & startMask);
    FloatVector c3_0 = FloatVector.fromArray(S, start, from3);
    FloatVector c3_1 = FloatVector.fromArray(S, start, from3 + 8);
    int step = step(depth);
    int aStep = 4 * step;
    int bStep = 16 * step;
    int bEnd = bAt + 16 * length;
    do {
      FloatVector w0 = FloatVector.fromArray(S, b, bAt);
      FloatVector w1 = FloatVector.fromArray(S, b, bAt + 8);
      FloatVector x0 = FloatVector.broadcast(S, packed[at]);
      c0_0 = x0.fma(w0, c0_0);
      c0_1 = x0.fma(w1, c0_1);
      FloatVector x1 = FloatVector.broadcast(S, packed[at + 1]);
      c1_0 = x1.fma(w0, c1_0);
      c1_1 = x1.fma(w1, c1_1);
      FloatVector x2 = FloatVector.broadcast(S, packed[at + 2]);
      c2_0 = x2.fma(w0, c2_0);
      c2_1 = x2.fma(w1, c2_1);
      FloatVector x3 = FloatVector.broadcast(S, packed[at + 3]);
      c3_0 = x3.fma(w0, c3_0);
      c3_1 = x3.fma(w1, c3_1);
      at += aStep;
      bAt += bStep;
    } while (bAt < bEnd);
    int to0 = cAt + targets[row];
    c0_0.intoArray(c, to0);
    c0_1.intoArray(c, to0 + 8);
    int to1 = cAt + targets[row + 1];
    c1_0.intoArray(c, to1);
    c1_1.intoArray(c, to1 + 8);
    int to2 = cAt + targets[row + 2];
    c2_0.intoArray(c, to2);
    c2_1.intoArray(c, to2 + 8);
    int to3 = cAt + targets[row + 3];
    c3_0.intoArray(c, to3);
    c3_1.intoArray(c, to3 + 8);
  }
}
