package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Softplus over whole vectors, as {@link PointwiseKernels#softplus} says. */
final class SimdSoftplus {
  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();

  /**
   * @param length a multiple of {@link SimdSpecies#WIDTH}
   */
  void forward(
      float beta, float threshold, float[] x, int xBase, float[] y, int yBase, int length) {
    float most = Math.min(threshold, ElementaryConstants.SOFTPLUS_MOST);
    // The exponentials, and behind them the logarithms of 1 plus them.
    float[] between = scratch.get().floats(2 * VectorScratch.BLOCK);
    for (int begin = 0; begin < length; begin += VectorScratch.BLOCK) {
      int count = Math.min(VectorScratch.BLOCK, length - begin);
      arguments(beta, x, xBase + begin, between, count);
      SimdFunctions.exp(between, count);
      increments(between, count);
      SimdFunctions.log(between, VectorScratch.BLOCK, count);
      results(beta, most, x, xBase + begin, between, y, yBase + begin, count);
    }
  }

  private static void arguments(float beta, float[] x, int xBase, float[] to, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector.fromArray(FLOATS, x, xBase + i).mul(beta).intoArray(to, i);
    }
  }

  private static void increments(float[] between, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector exponential = FloatVector.fromArray(FLOATS, between, i);
      exponential.add(1f).intoArray(between, VectorScratch.BLOCK + i);
    }
  }

  /** Lane by lane {@link ScalarFunctions#log1p} after its logarithm, divided by beta. */
  private static void results(
      float beta,
      float most,
      float[] x,
      int xBase,
      float[] between,
      float[] y,
      int yBase,
      int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      FloatVector exponential = FloatVector.fromArray(FLOATS, between, i);
      FloatVector logarithm = FloatVector.fromArray(FLOATS, between, VectorScratch.BLOCK + i);
      FloatVector sum = exponential.add(1f);
      FloatVector lost = exponential.sub(sum.sub(1f)).div(sum);
      FloatVector result = logarithm.add(lost).div(beta);
      result.blend(v, v.mul(beta).compare(VectorOperators.GT, most)).intoArray(y, yBase + i);
    }
  }

  /**
   * @param length a multiple of {@link SimdSpecies#WIDTH}
   */
  void backward(
      float beta,
      float threshold,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length) {
    float most = Math.min(threshold, ElementaryConstants.SOFTPLUS_MOST);
    float[] between = scratch.get().floats(2 * VectorScratch.BLOCK);
    for (int begin = 0; begin < length; begin += VectorScratch.BLOCK) {
      int count = Math.min(VectorScratch.BLOCK, length - begin);
      arguments(beta, x, xBase + begin, between, count);
      SimdFunctions.exp(between, count);
      products(
          beta, most, x, xBase + begin, between, dy, dyBase + begin, dx, dxBase + begin, count);
    }
  }

  private static void products(
      float beta,
      float most,
      float[] x,
      int xBase,
      float[] exponentials,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector z = FloatVector.fromArray(FLOATS, x, xBase + i).mul(beta);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyBase + i);
      FloatVector exponential = FloatVector.fromArray(FLOATS, exponentials, i);
      FloatVector product = exponential.div(exponential.add(1f)).mul(d);
      product.blend(d, z.compare(VectorOperators.GT, most)).intoArray(dx, dxBase + i);
    }
  }
}
