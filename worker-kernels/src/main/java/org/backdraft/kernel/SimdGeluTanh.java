package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** {@link PointwiseFunction#GELU_TANH} in vectors. */
final class SimdGeluTanh implements SimdActivation {
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
    FloatVector first = FloatVector.broadcast(FLOATS, ElementaryConstants.GELU_1);
    FloatVector third = FloatVector.broadcast(FLOATS, ElementaryConstants.GELU_3);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      v.mul(v.mul(v).fma(third, first)).intoArray(to, i);
    }
  }

  private static void results(
      float[] x, int xBase, float[] exponentials, float[] y, int yBase, int length) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      FloatVector share = one.div(FloatVector.fromArray(FLOATS, exponentials, i).add(one));
      v.mul(share).intoArray(y, yBase + i);
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
      float[] exponentials,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    FloatVector first = FloatVector.broadcast(FLOATS, -ElementaryConstants.GELU_1);
    FloatVector third = FloatVector.broadcast(FLOATS, -3 * ElementaryConstants.GELU_3);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      FloatVector exponential = FloatVector.fromArray(FLOATS, exponentials, i);
      FloatVector share = one.div(exponential.add(one));
      VectorMask<Float> isPositive = v.compare(VectorOperators.GT, 0f);
      FloatVector rest = one.sub(share).blend(exponential.mul(share), isPositive);
      FloatVector steepness = v.mul(v).fma(third, first);
      FloatVector slopes = v.mul(share).mul(rest).fma(steepness, share);
      slopes.mul(FloatVector.fromArray(FLOATS, dy, dyBase + i)).intoArray(dx, dxBase + i);
    }
  }
}
