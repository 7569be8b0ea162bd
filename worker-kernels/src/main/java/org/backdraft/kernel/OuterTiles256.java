package org.backdraft.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of a weight gradient in 256-bit vectors: the number of neighbouring k in a method's name
 * times one panel of 16 columns, held in registers over all rows; see {@link MultiplyTiles256}.
 */
final class OuterTiles256 {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;

  private OuterTiles256() {}

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
    for (; k + 4 <= kEnd; k += 4) {
      depth4(rows, rowBegin, rowEnd, a, aTap + k, d, dAt, dPitch, g, gBase + k * Kernels.LANES);
    }
    if (k + 2 <= kEnd) {
      depth2(rows, rowBegin, rowEnd, a, aTap + k, d, dAt, dPitch, g, gBase + k * Kernels.LANES);
      k += 2;
    }
    if (k < kEnd) {
      depth1(rows, rowBegin, rowEnd, a, aTap + k, d, dAt, dPitch, g, gBase + k * Kernels.LANES);
    }
  }

  private static void depth4(
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
    FloatVector c10 = FloatVector.zero(S);
    FloatVector c11 = FloatVector.zero(S);
    FloatVector c20 = FloatVector.zero(S);
    FloatVector c21 = FloatVector.zero(S);
    FloatVector c30 = FloatVector.zero(S);
    FloatVector c31 = FloatVector.zero(S);
    for (int m = rowBegin; m < rowEnd; m++) {
      int at = aAt + rows[m];
      FloatVector d0 = FloatVector.fromArray(S, d, dAt + m * dPitch);
      FloatVector d1 = FloatVector.fromArray(S, d, dAt + m * dPitch + 8);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c00 = x0.fma(d0, c00);
      c01 = x0.fma(d1, c01);
      FloatVector x1 = FloatVector.broadcast(S, a[at + 1]);
      c10 = x1.fma(d0, c10);
      c11 = x1.fma(d1, c11);
      FloatVector x2 = FloatVector.broadcast(S, a[at + 2]);
      c20 = x2.fma(d0, c20);
      c21 = x2.fma(d1, c21);
      FloatVector x3 = FloatVector.broadcast(S, a[at + 3]);
      c30 = x3.fma(d0, c30);
      c31 = x3.fma(d1, c31);
    }
    addTo(g, gAt, c00);
    addTo(g, gAt + 8, c01);
    addTo(g, gAt + 16, c10);
    addTo(g, gAt + 24, c11);
    addTo(g, gAt + 32, c20);
    addTo(g, gAt + 40, c21);
    addTo(g, gAt + 48, c30);
    addTo(g, gAt + 56, c31);
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
    FloatVector c10 = FloatVector.zero(S);
    FloatVector c11 = FloatVector.zero(S);
    for (int m = rowBegin; m < rowEnd; m++) {
      int at = aAt + rows[m];
      FloatVector d0 = FloatVector.fromArray(S, d, dAt + m * dPitch);
      FloatVector d1 = FloatVector.fromArray(S, d, dAt + m * dPitch + 8);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c00 = x0.fma(d0, c00);
      c01 = x0.fma(d1, c01);
      FloatVector x1 = FloatVector.broadcast(S, a[at + 1]);
      c10 = x1.fma(d0, c10);
      c11 = x1.fma(d1, c11);
    }
    addTo(g, gAt, c00);
    addTo(g, gAt + 8, c01);
    addTo(g, gAt + 16, c10);
    addTo(g, gAt + 24, c11);
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
    for (int m = rowBegin; m < rowEnd; m++) {
      int at = aAt + rows[m];
      FloatVector d0 = FloatVector.fromArray(S, d, dAt + m * dPitch);
      FloatVector d1 = FloatVector.fromArray(S, d, dAt + m * dPitch + 8);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c00 = x0.fma(d0, c00);
      c01 = x0.fma(d1, c01);
    }
    addTo(g, gAt, c00);
    addTo(g, gAt + 8, c01);
  }

  private static void addTo(float[] g, int at, FloatVector sum) {
    FloatVector.fromArray(S, g, at).add(sum).intoArray(g, at);
  }
}
