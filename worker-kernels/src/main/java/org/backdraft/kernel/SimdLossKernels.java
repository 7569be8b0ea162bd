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
 * <p>The 16 virtual lanes of a sum are one, two or four vectors. What is summed lies in scratch,
 * with zeros after its end: adding +0 changes no bit of a sum that began with +0.
 */
final class SimdLossKernels implements LossKernels {
  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();

  @Override
  public float softmaxCrossEntropy(
      float[] x, int xBase, int classes, int label, float weight, float[] dx, int dxBase) {
    float max = max(x, xBase, classes);
    float logit = x[xBase + label] - max;
    float[] exponentials = exponentials(x, xBase, classes, max);
    float sum = sum(exponentials, classes);
    if (dx != null) {
      float own = (exponentials[label] / sum - 1f) * weight;
      divide(exponentials, sum, weight, dx, dxBase, classes);
      dx[dxBase + label] = own;
    }
    return (float) (weight * (StrictMath.log(sum) - logit));
  }

  @Override
  public float softCrossEntropy(
      float[] x, int xBase, float[] target, int targetBase, int classes, float[] dx, int dxBase) {
    float max = max(x, xBase, classes);
    float dot = dot(x, xBase, classes, max, target, targetBase);
    float total = sum(padded(target, targetBase, classes), classes);
    float[] exponentials = exponentials(x, xBase, classes, max);
    float sum = sum(exponentials, classes);
    if (dx != null) {
      softGradient(exponentials, sum, total, target, targetBase, dx, dxBase, classes);
    }
    return (float) (total * StrictMath.log(sum) - dot);
  }

  private float dot(float[] x, int xBase, int classes, float max, float[] target, int targetBase) {
    float[] to = scratch.get().floats(panels(classes) + Kernels.LANES);
    int whole = wholeVectors(classes);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + j).sub(max);
      v.mul(FloatVector.fromArray(FLOATS, target, targetBase + j)).intoArray(to, j);
    }
    for (int j = whole; j < classes; j++) {
      to[j] = (x[xBase + j] - max) * target[targetBase + j];
    }
    clear(to, classes);
    return sum(to, classes);
  }

  private static void softGradient(
      float[] exponentials,
      float sum,
      float total,
      float[] target,
      int targetBase,
      float[] dx,
      int dxBase,
      int classes) {
    int whole = wholeVectors(classes);
    FloatVector totals = FloatVector.broadcast(FLOATS, total);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector p = FloatVector.fromArray(FLOATS, exponentials, j).div(sum);
      FloatVector wanted = FloatVector.fromArray(FLOATS, target, targetBase + j);
      totals.fma(p, wanted.neg()).intoArray(dx, dxBase + j);
    }
    for (int j = whole; j < classes; j++) {
      dx[dxBase + j] = Math.fma(total, exponentials[j] / sum, -target[targetBase + j]);
    }
  }

  @Override
  public void softmax(float[] x, int xBase, int classes, float[] y, int yBase) {
    float[] exponentials = exponentials(x, xBase, classes, max(x, xBase, classes));
    divide(exponentials, sum(exponentials, classes), 1f, y, yBase, classes);
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
    clear(to, length);
    return to;
  }

  /** A copy in this thread's scratch, and zeros to the end of the panel. */
  private float[] padded(float[] x, int xBase, int length) {
    float[] to = scratch.get().floats(panels(length) + Kernels.LANES);
    System.arraycopy(x, xBase, to, 0, length);
    clear(to, length);
    return to;
  }

  /** Zeros from {@code length} to the end of the panel. */
  private static void clear(float[] x, int length) {
    for (int j = length; j < panels(length); j++) {
      x[j] = 0f;
    }
  }

  @Override
  public float absoluteError(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase) {
    float[] d = differences(x, xBase, target, targetBase, length);
    if (dx != null) {
      signs(d, dx, dxBase, length);
    }
    absolute(d, panels(length));
    return sum(d, length);
  }

  private static void signs(float[] d, float[] dx, int dxBase, int length) {
    int whole = wholeVectors(length);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, d, j);
      v.blend(1f, v.compare(VectorOperators.GT, 0f))
          .blend(-1f, v.compare(VectorOperators.LT, 0f))
          .intoArray(dx, dxBase + j);
    }
    for (int j = whole; j < length; j++) {
      dx[dxBase + j] = d[j] > 0f ? 1f : d[j] < 0f ? -1f : d[j];
    }
  }

  private static void absolute(float[] d, int padded) {
    for (int j = 0; j < padded; j += WIDTH) {
      FloatVector.fromArray(FLOATS, d, j).abs().intoArray(d, j);
    }
  }

  @Override
  public float huber(
      float[] x,
      int xBase,
      float[] target,
      int targetBase,
      int length,
      float delta,
      float[] dx,
      int dxBase) {
    float[] d = differences(x, xBase, target, targetBase, length);
    if (dx != null) {
      cut(d, delta, dx, dxBase, length);
    }
    huberTerms(d, delta, panels(length));
    return sum(d, length);
  }

  private static void cut(float[] d, float delta, float[] dx, int dxBase, int length) {
    int whole = wholeVectors(length);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector.fromArray(FLOATS, d, j).max(-delta).min(delta).intoArray(dx, dxBase + j);
    }
    for (int j = whole; j < length; j++) {
      dx[dxBase + j] = Math.min(Math.max(d[j], -delta), delta);
    }
  }

  private static void huberTerms(float[] d, float delta, int padded) {
    FloatVector minusHalf = FloatVector.broadcast(FLOATS, -0.5f);
    for (int j = 0; j < padded; j += WIDTH) {
      FloatVector size = FloatVector.fromArray(FLOATS, d, j).abs();
      FloatVector near = size.min(delta);
      near.mul(minusHalf.fma(near, size)).intoArray(d, j);
    }
  }

  @Override
  public float binaryCrossEntropy(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase) {
    float linear = linearPart(x, xBase, target, targetBase, length);
    int padded = panels(length);
    float[] e = scratch.get().floats(padded + Kernels.LANES);
    System.arraycopy(x, xBase, e, 0, length);
    clear(e, length);
    minusAbsolute(e, padded);
    SimdFunctions.exp(e, padded);
    if (dx != null) {
      logisticGradient(x, xBase, e, target, targetBase, dx, dxBase, length);
    }
    return (float) (linear + ScalarLossKernels.sumOfLogarithms(e, length));
  }

  private float linearPart(float[] x, int xBase, float[] target, int targetBase, int length) {
    float[] to = scratch.get().floats(panels(length) + Kernels.LANES);
    int whole = wholeVectors(length);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + j);
      FloatVector wanted = FloatVector.fromArray(FLOATS, target, targetBase + j);
      v.neg().fma(wanted, v.max(0f)).intoArray(to, j);
    }
    for (int j = whole; j < length; j++) {
      float v = x[xBase + j];
      to[j] = Math.fma(-v, target[targetBase + j], Math.max(v, 0f));
    }
    clear(to, length);
    return sum(to, length);
  }

  private static void minusAbsolute(float[] x, int padded) {
    for (int j = 0; j < padded; j += WIDTH) {
      FloatVector.fromArray(FLOATS, x, j).abs().neg().intoArray(x, j);
    }
  }

  private static void logisticGradient(
      float[] x,
      int xBase,
      float[] e,
      float[] target,
      int targetBase,
      float[] dx,
      int dxBase,
      int length) {
    int whole = wholeVectors(length);
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + j);
      FloatVector small = FloatVector.fromArray(FLOATS, e, j);
      FloatVector above = one.blend(small, v.compare(VectorOperators.LT, 0f));
      FloatVector wanted = FloatVector.fromArray(FLOATS, target, targetBase + j);
      above.div(one.add(small)).sub(wanted).intoArray(dx, dxBase + j);
    }
    for (int j = whole; j < length; j++) {
      dx[dxBase + j] = (x[xBase + j] < 0f ? e[j] : 1f) / (1f + e[j]) - target[targetBase + j];
    }
  }

  @Override
  public float multiMargin(
      float[] x, int xBase, int classes, int label, float margin, float[] dx, int dxBase) {
    float[] terms = marginTerms(x, xBase, classes, margin - x[xBase + label]);
    terms[label] = 0f;
    if (dx != null) {
      int above = ones(terms, dx, dxBase, classes);
      dx[dxBase + label] = -above;
    }
    return sum(terms, classes);
  }

  private float[] marginTerms(float[] x, int xBase, int classes, float missing) {
    float[] to = scratch.get().floats(panels(classes) + Kernels.LANES);
    int whole = wholeVectors(classes);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector.fromArray(FLOATS, x, xBase + j).add(missing).max(0f).intoArray(to, j);
    }
    for (int j = whole; j < classes; j++) {
      to[j] = Math.max(x[xBase + j] + missing, 0f);
    }
    clear(to, classes);
    return to;
  }

  /** Writes 1 where a term is above 0, else 0; returns how many there are. */
  private static int ones(float[] terms, float[] dx, int dxBase, int classes) {
    int whole = wholeVectors(classes);
    FloatVector zero = FloatVector.zero(FLOATS);
    int above = 0;
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, terms, j);
      VectorMask<Float> isAbove = v.compare(VectorOperators.GT, 0f);
      zero.blend(1f, isAbove).intoArray(dx, dxBase + j);
      above += isAbove.trueCount();
    }
    for (int j = whole; j < classes; j++) {
      dx[dxBase + j] = terms[j] > 0f ? 1f : 0f;
      above += terms[j] > 0f ? 1 : 0;
    }
    return above;
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

  private static void divide(
      float[] exponentials, float sum, float weight, float[] y, int yBase, int classes) {
    int whole = wholeVectors(classes);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector.fromArray(FLOATS, exponentials, j).div(sum).mul(weight).intoArray(y, yBase + j);
    }
    for (int j = whole; j < classes; j++) {
      y[yBase + j] = exponentials[j] / sum * weight;
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
