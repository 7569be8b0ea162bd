package org.backdraft.kernel.tile;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products along one run: 1 x 32 in 512-bit vectors. Written by {@code TileGenerator}. */
final class RunTile512R1P2 extends RunTile {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  RunTile512R1P2() {
    super(512, 1, 2, 1, false);
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
    for (; row + 1 <= rowEnd; row += 1) {
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
    int from0 = startAt + (targets[row] & startMask);
    FloatVector c0_0 = FloatVector.fromArray(S, start, from0);
    FloatVector c0_1 = FloatVector.fromArray(S, start, from0 + 16);
    for (int k = 0; k < length; k += 1) {
      FloatVector w0 = FloatVector.fromArray(S, b, bAt + k * 16);
      FloatVector w1 = FloatVector.fromArray(S, b, bAt + panelSize + k * 16);
      FloatVector x0 = FloatVector.broadcast(S, a[row0 + k]);
      c0_0 = x0.fma(w0, c0_0);
      c0_1 = x0.fma(w1, c0_1);
    }
    int to0 = cAt + targets[row];
    c0_0.intoArray(c, to0);
    c0_1.intoArray(c, to0 + 16);
  }
}
