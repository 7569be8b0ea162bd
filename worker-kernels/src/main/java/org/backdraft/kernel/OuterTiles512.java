package org.backdraft.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of a weight gradient in 512-bit vectors: the number of neighbouring k in a method's name
 * times one panel of 16 columns, held in registers over all rows; see {@link MultiplyTiles512}.
 */
final class OuterTiles512 {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;

  private OuterTiles512() {}

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
    for (; k + 8 <= kEnd; k += 8) {
      depth8(rows, rowBegin, rowEnd, a, aTap + k, d, dAt, dPitch, g, gBase + k * Kernels.LANES);
    }
    if (k + 4 <= kEnd) {
      depth4(rows, rowBegin, rowEnd, a, aTap + k, d, dAt, dPitch, g, gBase + k * Kernels.LANES);
      k += 4;
    }
    if (k + 2 <= kEnd) {
      depth2(rows, rowBegin, rowEnd, a, aTap + k, d, dAt, dPitch, g, gBase + k * Kernels.LANES);
      k += 2;
    }
    if (k < kEnd) {
      depth1(rows, rowBegin, rowEnd, a, aTap + k, d, dAt, dPitch, g, gBase + k * Kernels.LANES);
    }
  }

  private static void depth8(
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
    FloatVector c10 = FloatVector.zero(S);
    FloatVector c20 = FloatVector.zero(S);
    FloatVector c30 = FloatVector.zero(S);
    FloatVector c40 = FloatVector.zero(S);
    FloatVector c50 = FloatVector.zero(S);
    FloatVector c60 = FloatVector.zero(S);
    FloatVector c70 = FloatVector.zero(S);
    for (int m = rowBegin; m < rowEnd; m++) {
      int at = aAt + rows[m];
      FloatVector d0 = FloatVector.fromArray(S, d, dAt + m * dPitch);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c00 = x0.fma(d0, c00);
      FloatVector x1 = FloatVector.broadcast(S, a[at + 1]);
      c10 = x1.fma(d0, c10);
      FloatVector x2 = FloatVector.broadcast(S, a[at + 2]);
      c20 = x2.fma(d0, c20);
      FloatVector x3 = FloatVector.broadcast(S, a[at + 3]);
      c30 = x3.fma(d0, c30);
      FloatVector x4 = FloatVector.broadcast(S, a[at + 4]);
      c40 = x4.fma(d0, c40);
      FloatVector x5 = FloatVector.broadcast(S, a[at + 5]);
      c50 = x5.fma(d0, c50);
      FloatVector x6 = FloatVector.broadcast(S, a[at + 6]);
      c60 = x6.fma(d0, c60);
      FloatVector x7 = FloatVector.broadcast(S, a[at + 7]);
      c70 = x7.fma(d0, c70);
    }
    addTo(g, gAt, c00);
    addTo(g, gAt + 16, c10);
    addTo(g, gAt + 32, c20);
    addTo(g, gAt + 48, c30);
    addTo(g, gAt + 64, c40);
    addTo(g, gAt + 80, c50);
    addTo(g, gAt + 96, c60);
    addTo(g, gAt + 112, c70);
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
    FloatVector c10 = FloatVector.zero(S);
    FloatVector c20 = FloatVector.zero(S);
    FloatVector c30 = FloatVector.zero(S);
    for (int m = rowBegin; m < rowEnd; m++) {
      int at = aAt + rows[m];
      FloatVector d0 = FloatVector.fromArray(S, d, dAt + m * dPitch);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c00 = x0.fma(d0, c00);
      FloatVector x1 = FloatVector.broadcast(S, a[at + 1]);
      c10 = x1.fma(d0, c10);
      FloatVector x2 = FloatVector.broadcast(S, a[at + 2]);
      c20 = x2.fma(d0, c20);
      FloatVector x3 = FloatVector.broadcast(S, a[at + 3]);
      c30 = x3.fma(d0, c30);
    }
    addTo(g, gAt, c00);
    addTo(g, gAt + 16, c10);
    addTo(g, gAt + 32, c20);
    addTo(g, gAt + 48, c30);
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
    FloatVector c10 = FloatVector.zero(S);
    for (int m = rowBegin; m < rowEnd; m++) {
      int at = aAt + rows[m];
      FloatVector d0 = FloatVector.fromArray(S, d, dAt + m * dPitch);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c00 = x0.fma(d0, c00);
      FloatVector x1 = FloatVector.broadcast(S, a[at + 1]);
      c10 = x1.fma(d0, c10);
    }
    addTo(g, gAt, c00);
    addTo(g, gAt + 16, c10);
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
    for (int m = rowBegin; m < rowEnd; m++) {
      int at = aAt + rows[m];
      FloatVector d0 = FloatVector.fromArray(S, d, dAt + m * dPitch);
      FloatVector x0 = FloatVector.broadcast(S, a[at]);
      c00 = x0.fma(d0, c00);
    }
    addTo(g, gAt, c00);
  }

  private static void addTo(float[] g, int at, FloatVector sum) {
    FloatVector.fromArray(S, g, at).add(sum).intoArray(g, at);
  }
}
