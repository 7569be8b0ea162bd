package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import jdk.incubator.vector.FloatVector;

/** {@link PointwiseFunction#GELU} in vectors. */
final class SimdGelu implements SimdActivation {
  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();

  @Override
  public void forward(float slope, float[] x, int xBase, float[] y, int yBase, int length) {
    float[] between = scratch.get().floats(VectorScratch.BLOCK);
    for (int begin = 0; begin < length; begin += VectorScratch.BLOCK) {
      int count = Math.min(VectorScratch.BLOCK, length - begin);
      arguments(x, xBase + begin, between, count);
      SimdFunctions.exp(between, count);
      results(x, xBase + begin, between, y, yBase + begin, count);
    }
  }

  private static void arguments(float[] x, int xBase, float[] to, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      v.mul(v).mul(-0.5f).intoArray(to, i);
    }
  }

  private static void results(
      float[] x, int xBase, float[] gauss, float[] y, int yBase, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      FloatVector cumulative =
          SimdFunctions.normalCumulative(v, FloatVector.fromArray(FLOATS, gauss, i));
      v.mul(cumulative).intoArray(y, yBase + i);
    }
  }

  @Override
  public void backward(
      float slope,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length) {
    float[] between = scratch.get().floats(VectorScratch.BLOCK);
    for (int begin = 0; begin < length; begin += VectorScratch.BLOCK) {
      int count = Math.min(VectorScratch.BLOCK, length - begin);
      arguments(x, xBase + begin, between, count);
      SimdFunctions.exp(between, count);
      products(x, xBase + begin, between, dy, dyBase + begin, dx, dxBase + begin, count);
    }
  }

  private static void products(
      float[] x,
      int xBase,
      float[] gausses,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyBase + i);
      FloatVector gauss = FloatVector.fromArray(FLOATS, gausses, i);
      FloatVector cumulative = SimdFunctions.normalCumulative(v, gauss);
      FloatVector weighted = v.mul(ElementaryConstants.INVERSE_ROOT_2_PI);
      weighted.fma(gauss, cumulative).mul(d).intoArray(dx, dxBase + i);
    }
  }
}
