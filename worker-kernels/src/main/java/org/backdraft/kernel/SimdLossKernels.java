package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;
import static org.backdraft.kernel.SimdSpecies.wholeVectors;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The SIMD twin of {@link ScalarLossKernels}.
 *
 * <p>The 16 virtual lanes of a sum are one, two or four vectors. What is summed lies in scratch,
 * with zeros after its end: adding +0 changes no bit of a sum that began with +0.
 */
final class SimdLossKernels implements LossKernels {
  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();

  @Override
  public float softmaxCrossEntropy(
      float[] x, int xBase, int classes, int label, float[] dx, int dxBase) {
    float max = max(x, xBase, classes);
    float logit = x[xBase + label] - max;
    float[] exponentials = exponentials(x, xBase, classes, max);
    float sum = sum(exponentials, classes);
    if (dx != null) {
      divide(exponentials, sum, dx, dxBase, classes);
      dx[dxBase + label] -= 1f;
    }
    return (float) (StrictMath.log(sum) - logit);
  }

  @Override
  public void softmax(float[] x, int xBase, int classes, float[] y, int yBase) {
    float[] exponentials = exponentials(x, xBase, classes, max(x, xBase, classes));
    divide(exponentials, sum(exponentials, classes), y, yBase, classes);
  }

  @Override
  public float squaredError(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase) {
    float[] differences = differences(x, xBase, target, targetBase, length);
    float sum = sumOfSquares(differences, length);
    if (dx != null) {
      System.arraycopy(differences, 0, dx, dxBase, length);
    }
    return 0.5f * sum;
  }

  /** {@code x − target} and zeros to the end of the panel, in this thread's scratch. */
  private float[] differences(float[] x, int xBase, float[] target, int targetBase, int length) {
    int padded = panels(length);
    float[] to = scratch.get().floats(padded + Kernels.LANES);
    int whole = wholeVectors(length);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + j);
      v.sub(FloatVector.fromArray(FLOATS, target, targetBase + j)).intoArray(to, j);
    }
    for (int j = whole; j < length; j++) {
      to[j] = x[xBase + j] - target[targetBase + j];
    }
    for (int j = length; j < padded; j++) {
      to[j] = 0f;
    }
    return to;
  }

  private static float max(float[] x, int xBase, int classes) {
    int whole = wholeVectors(classes);
    float max = whole > 0 ? vectorMax(x, xBase, whole) : Float.NEGATIVE_INFINITY;
    for (int j = whole; j < classes; j++) {
      max = Math.max(max, x[xBase + j]);
    }
    return max;
  }

  /**
   * The maximum over whole vectors, at least one. A method of its own, whose loop always runs:
   * where most calls come with few classes, C2 would hold the loop for cold and call, not inline,
   * its vector operations.
   */
  private static float vectorMax(float[] x, int xBase, int length) {
    FloatVector lanes = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < length; j += WIDTH) {
      lanes = lanes.max(FloatVector.fromArray(FLOATS, x, xBase + j));
    }
    return lanes.reduceLanes(VectorOperators.MAX);
  }

  /** {@code e^(x − max)} and zeros to the end of the panel, in this thread's scratch. */
  private float[] exponentials(float[] x, int xBase, int classes, float max) {
    int padded = panels(classes);
    float[] to = scratch.get().floats(padded + Kernels.LANES);
    int whole = wholeVectors(classes);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector.fromArray(FLOATS, x, xBase + j).sub(max).intoArray(to, j);
    }
    for (int j = whole; j < classes; j++) {
      to[j] = x[xBase + j] - max;
    }
    for (int j = classes; j < padded; j++) {
      to[j] = Float.NEGATIVE_INFINITY;
    }
    SimdFunctions.exp(to, padded);
    return to;
  }

  private static void divide(float[] exponentials, float sum, float[] y, int yBase, int classes) {
    int whole = wholeVectors(classes);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector.fromArray(FLOATS, exponentials, j).div(sum).intoArray(y, yBase + j);
    }
    for (int j = whole; j < classes; j++) {
      y[yBase + j] = exponentials[j] / sum;
    }
  }

  /**
   * The sum of whole panels of elements, none of them −0. The chains of the virtual lanes are left
   * behind the elements.
   */
  private static float sum(float[] x, int length) {
    int chains = panels(length);
    for (int lane = 0; lane < Kernels.LANES; lane += WIDTH) {
      FloatVector chain = FloatVector.zero(FLOATS);
      for (int j = lane; j < chains; j += Kernels.LANES) {
        chain = chain.add(FloatVector.fromArray(FLOATS, x, j));
      }
      chain.intoArray(x, chains + lane);
    }
    return joined(x, chains);
  }

  /** As {@link #sum}, of squares. */
  private static float sumOfSquares(float[] x, int length) {
    int chains = panels(length);
    for (int lane = 0; lane < Kernels.LANES; lane += WIDTH) {
      FloatVector chain = FloatVector.zero(FLOATS);
      for (int j = lane; j < chains; j += Kernels.LANES) {
        FloatVector v = FloatVector.fromArray(FLOATS, x, j);
        chain = v.fma(v, chain);
      }
      chain.intoArray(x, chains + lane);
    }
    return joined(x, chains);
  }

  /** The tree over 16 virtual lanes: l and l + 8, then l and l + 4, l + 2, l + 1. */
  private static float joined(float[] x, int lanes) {
    for (int half = Kernels.LANES / 2; half >= 1; half /= 2) {
      for (int lane = lanes; lane < lanes + half; lane++) {
        x[lane] += x[lane + half];
      }
    }
    return x[lanes];
  }

  /** {@code length}, rounded up to whole panels. */
  private static int panels(int length) {
    return (length + Kernels.LANES - 1) / Kernels.LANES * Kernels.LANES;
  }
}
