package org.backdraft.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of a weight gradient in 128-bit vectors: the number of neighbouring k in a method's name
 * times one panel of 16 columns, held in registers over all rows; see {@link MultiplyTiles128}.
 */
final class OuterTiles128 {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_128;

  private OuterTiles128() {}

  /**
   * See {@link MatrixKernels#accumulateOuter}.
   *
   * @param aTap where the tap starts in a
   * @param dAt where the panel starts in d
   */
  static void run(
      int[] rows,
      int rowBegin,
      int rowEnd,
      int kBegin,
      int kEnd,
      float[] a,
      int aTap,
      float[] d,
      int dAt,
      int dPitch,
      float[] g,
      int gBase) {
    int k = kBegin;
    for (; k + 2 <= kEnd; k += 2) {
      depth2(rows, rowBegin, rowEnd, a, aTap + k, d, dAt, dPitch, g, gBase + k * Kernels.LANES);
    }
    if (k < kEnd) {
      depth1(rows, rowBegin, rowEnd, a, aTap + k, d, dAt, dPitch, g, gBase + k * Kernels.LANES);
    }
  }

  private static void depth2(
      int[] rows,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aAt,
      float[] d,
      int dAt,
      int dPitch,
      float[] g,
      int gAt) {
    FloatVector c00 = FloatVector.zero(S);
    FloatVector c01 = FloatVector.zero(S);
    FloatVector c02 = FloatVector.zero(S);
    FloatVector c03 = FloatVector.zero(S);
    FloatVector c10 = FloatVector.zero(S);
    FloatVector c11 = FloatVector.zero(S);
    FloatVector c12 = FloatVector.zero(S);
    FloatVector c13 = FloatVector.zero(S);
    for (int m = rowBegin; m < rowEnd; m++) {
      int at = aAt + rows[m];
      FloatVector d0 = FloatVector.fromArray(S, d, dAt + m * dPitch);
      FloatVector d1 = FloatVector.fromArray(S, d, dAt + m * dPitch + 4);
      FloatVector d2 = FloatVector.fromArray(S, d, dAt + m * dPitch + 8);
      FloatVector d3 = FloatVector.fromArray(S, d, dAt + m * dPitch + 12);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c00 = x0.fma(d0, c00);
      c01 = x0.fma(d1, c01);
      c02 = x0.fma(d2, c02);
      c03 = x0.fma(d3, c03);
      FloatVector x1 = FloatVector.broadcast(S, a[at + 1]);
      c10 = x1.fma(d0, c10);
      c11 = x1.fma(d1, c11);
      c12 = x1.fma(d2, c12);
      c13 = x1.fma(d3, c13);
    }
    addTo(g, gAt, c00);
    addTo(g, gAt + 4, c01);
    addTo(g, gAt + 8, c02);
    addTo(g, gAt + 12, c03);
    addTo(g, gAt + 16, c10);
    addTo(g, gAt + 20, c11);
    addTo(g, gAt + 24, c12);
    addTo(g, gAt + 28, c13);
  }

  private static void depth1(
      int[] rows,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aAt,
      float[] d,
      int dAt,
      int dPitch,
      float[] g,
      int gAt) {
    FloatVector c00 = FloatVector.zero(S);
    FloatVector c01 = FloatVector.zero(S);
    FloatVector c02 = FloatVector.zero(S);
    FloatVector c03 = FloatVector.zero(S);
    for (int m = rowBegin; m < rowEnd; m++) {
      int at = aAt + rows[m];
      FloatVector d0 = FloatVector.fromArray(S, d, dAt + m * dPitch);
      FloatVector d1 = FloatVector.fromArray(S, d, dAt + m * dPitch + 4);
      FloatVector d2 = FloatVector.fromArray(S, d, dAt + m * dPitch + 8);
      FloatVector d3 = FloatVector.fromArray(S, d, dAt + m * dPitch + 12);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c00 = x0.fma(d0, c00);
      c01 = x0.fma(d1, c01);
      c02 = x0.fma(d2, c02);
      c03 = x0.fma(d3, c03);
    }
    addTo(g, gAt, c00);
    addTo(g, gAt + 4, c01);
    addTo(g, gAt + 8, c02);
    addTo(g, gAt + 12, c03);
  }

  private static void addTo(float[] g, int at, FloatVector sum) {
    FloatVector.fromArray(S, g, at).add(sum).intoArray(g, at);
  }
}
