package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import jdk.incubator.vector.FloatVector;

/** {@link PointwiseFunction#LOGISTIC} in vectors. */
final class SimdLogistic implements SimdActivation {
  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();

  @Override
  public void forward(float slope, float[] x, int xBase, float[] y, int yBase, int length) {
    float[] between = scratch.get().floats(VectorScratch.BLOCK);
    for (int begin = 0; begin < length; begin += VectorScratch.BLOCK) {
      int count = Math.min(VectorScratch.BLOCK, length - begin);
      arguments(-slope, x, xBase + begin, between, count);
      SimdFunctions.exp(between, count);
      results(between, y, yBase + begin, count);
    }
  }

  private static void arguments(float factor, float[] x, int xBase, float[] to, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector.fromArray(FLOATS, x, xBase + i).mul(factor).intoArray(to, i);
    }
  }

  private static void results(float[] exponentials, float[] y, int yBase, int length) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int i = 0; i < length; i += WIDTH) {
      one.div(FloatVector.fromArray(FLOATS, exponentials, i).add(one)).intoArray(y, yBase + i);
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
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector out = FloatVector.fromArray(FLOATS, y, yBase + i);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyBase + i);
      out.mul(one.sub(out)).mul(slope).mul(d).intoArray(dx, dxBase + i);
    }
  }
}
