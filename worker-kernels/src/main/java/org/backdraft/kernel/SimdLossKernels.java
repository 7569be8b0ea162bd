package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;
import static org.backdraft.kernel.SimdSpecies.wholeVectors;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The SIMD twin of {@link ScalarLossKernels}.
 *
 * <p>The 16 virtual lanes of a sum are one, two or four vectors. The last, partial group of lanes
 * is read whole, and what does not belong to the example is replaced by zeros, which change no bit
 * of these sums; where that would read past the array's end, the scalar kernels do the work. Less
 * than a vector of results is written in scalar code.
 */
final class SimdLossKernels implements LossKernels {
  private final ScalarLossKernels scalar = new ScalarLossKernels();

  @Override
  public float softmaxCrossEntropy(
      float[] x, int xBase, int classes, int label, float[] dx, int dxBase) {
    if (!groupsFit(x, xBase, classes)) {
      return scalar.softmaxCrossEntropy(x, xBase, classes, label, dx, dxBase);
    }
    float max = max(x, xBase, classes);
    float logit = x[xBase + label] - max;
    float sum = sumOfExponentials(x, xBase, classes, max);
    if (dx != null) {
      divide(x, xBase, classes, max, sum, dx, dxBase);
      dx[dxBase + label] -= 1f;
    }
    return (float) (StrictMath.log(sum) - logit);
  }

  @Override
  public void softmax(float[] x, int xBase, int classes, float[] y, int yBase) {
    if (!groupsFit(x, xBase, classes)) {
      scalar.softmax(x, xBase, classes, y, yBase);
      return;
    }
    float max = max(x, xBase, classes);
    float sum = sumOfExponentials(x, xBase, classes, max);
    divide(x, xBase, classes, max, sum, y, yBase);
  }

  @Override
  public float squaredError(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase) {
    if (!groupsFit(x, xBase, length) || !groupsFit(target, targetBase, length)) {
      return scalar.squaredError(x, xBase, target, targetBase, length, dx, dxBase);
    }
    float sum = sumOfSquares(x, xBase, target, targetBase, length);
    if (dx != null) {
      int whole = wholeVectors(length);
      for (int j = 0; j < whole; j += WIDTH) {
        difference(x, xBase + j, target, targetBase + j).intoArray(dx, dxBase + j);
      }
      for (int j = whole; j < length; j++) {
        dx[dxBase + j] = x[xBase + j] - target[targetBase + j];
      }
    }
    return 0.5f * sum;
  }

  private static boolean groupsFit(float[] x, int xBase, int length) {
    return xBase + (length + Kernels.LANES - 1) / Kernels.LANES * Kernels.LANES <= x.length;
  }

  private static float max(float[] x, int xBase, int classes) {
    int whole = wholeVectors(classes);
    float max = Float.NEGATIVE_INFINITY;
    if (whole > 0) {
      FloatVector lanes = FloatVector.fromArray(FLOATS, x, xBase);
      for (int j = WIDTH; j < whole; j += WIDTH) {
        lanes = lanes.max(FloatVector.fromArray(FLOATS, x, xBase + j));
      }
      max = lanes.reduceLanes(VectorOperators.MAX);
    }
    for (int j = whole; j < classes; j++) {
      max = Math.max(max, x[xBase + j]);
    }
    return max;
  }

  private static void divide(
      float[] x, int xBase, int classes, float max, float sum, float[] y, int yBase) {
    int whole = wholeVectors(classes);
    for (int j = 0; j < whole; j += WIDTH) {
      exponentials(x, xBase + j, max).div(sum).intoArray(y, yBase + j);
    }
    for (int j = whole; j < classes; j++) {
      y[yBase + j] = ScalarFunctions.exp(x[xBase + j] - max) / sum;
    }
  }

  private static float sumOfExponentials(float[] x, int xBase, int classes, float max) {
    FloatVector lanes = laneExponentials(x, xBase, classes, max, 0);
    if (WIDTH == Kernels.LANES) {
      return fold16(lanes);
    }
    if (WIDTH == 8) {
      return fold8(lanes.add(laneExponentials(x, xBase, classes, max, 8)));
    }
    FloatVector second = laneExponentials(x, xBase, classes, max, 4);
    lanes = lanes.add(laneExponentials(x, xBase, classes, max, 8));
    second = second.add(laneExponentials(x, xBase, classes, max, 12));
    return fold4(lanes.add(second));
  }

  /** The chains of the virtual lanes {@code [lane, lane + WIDTH)}. */
  private static FloatVector laneExponentials(
      float[] x, int xBase, int classes, float max, int lane) {
    FloatVector chain = FloatVector.zero(FLOATS);
    int j = lane;
    for (; j + WIDTH <= classes; j += Kernels.LANES) {
      chain = chain.add(exponentials(x, xBase + j, max));
    }
    if (j < classes) {
      FloatVector last = exponentials(x, xBase + j, max);
      chain = chain.add(last.blend(0f, beyond(classes - j)));
    }
    return chain;
  }

  private static FloatVector exponentials(float[] x, int at, float max) {
    return SimdFunctions.exp(FloatVector.fromArray(FLOATS, x, at).sub(max));
  }

  private static float sumOfSquares(
      float[] x, int xBase, float[] target, int targetBase, int length) {
    FloatVector lanes = laneSquares(x, xBase, target, targetBase, length, 0);
    if (WIDTH == Kernels.LANES) {
      return fold16(lanes);
    }
    if (WIDTH == 8) {
      return fold8(lanes.add(laneSquares(x, xBase, target, targetBase, length, 8)));
    }
    FloatVector second = laneSquares(x, xBase, target, targetBase, length, 4);
    lanes = lanes.add(laneSquares(x, xBase, target, targetBase, length, 8));
    second = second.add(laneSquares(x, xBase, target, targetBase, length, 12));
    return fold4(lanes.add(second));
  }

  private static FloatVector laneSquares(
      float[] x, int xBase, float[] target, int targetBase, int length, int lane) {
    FloatVector chain = FloatVector.zero(FLOATS);
    int j = lane;
    for (; j + WIDTH <= length; j += Kernels.LANES) {
      FloatVector difference = difference(x, xBase + j, target, targetBase + j);
      chain = difference.fma(difference, chain);
    }
    if (j < length) {
      FloatVector last = difference(x, xBase + j, target, targetBase + j);
      last = last.blend(0f, beyond(length - j));
      chain = last.fma(last, chain);
    }
    return chain;
  }

  private static FloatVector difference(float[] x, int xAt, float[] target, int targetAt) {
    return FloatVector.fromArray(FLOATS, x, xAt)
        .sub(FloatVector.fromArray(FLOATS, target, targetAt));
  }

  /** The lanes from {@code count} on. */
  private static VectorMask<Float> beyond(int count) {
    FloatVector laneNumbers = FloatVector.zero(FLOATS).addIndex(1);
    return laneNumbers.compare(VectorOperators.GE, (float) count);
  }

  /** Joins lanes l and l + 8, then l and l + 4, l + 2, l + 1. */
  private static float fold16(FloatVector v) {
    float even =
        ((v.lane(0) + v.lane(8)) + (v.lane(4) + v.lane(12)))
            + ((v.lane(2) + v.lane(10)) + (v.lane(6) + v.lane(14)));
    float odd =
        ((v.lane(1) + v.lane(9)) + (v.lane(5) + v.lane(13)))
            + ((v.lane(3) + v.lane(11)) + (v.lane(7) + v.lane(15)));
    return even + odd;
  }

  private static float fold8(FloatVector v) {
    float even = (v.lane(0) + v.lane(4)) + (v.lane(2) + v.lane(6));
    float odd = (v.lane(1) + v.lane(5)) + (v.lane(3) + v.lane(7));
    return even + odd;
  }

  private static float fold4(FloatVector v) {
    return (v.lane(0) + v.lane(2)) + (v.lane(1) + v.lane(3));
  }
}
