package org.backdraft.kernel;

/** The readable truth of {@link LossKernels}. */
final class ScalarLossKernels implements LossKernels {
  /** Factors of a product that cannot overflow: each is at most 2. */
  static final int LOGARITHM_BLOCK = 512;

  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();

  @Override
  public float softmaxCrossEntropy(
      float[] x, int xBase, int classes, int label, float weight, float[] dx, int dxBase) {
    float max = max(x, xBase, classes);
    float logit = x[xBase + label] - max;
    float[] e = exponentials(x, xBase, classes, max);
    float sum = sum(e, classes, 0, 1);
    if (dx != null) {
      for (int j = 0; j < classes; j++) {
        dx[dxBase + j] = (e[j] / sum - (j == label ? 1f : 0f)) * weight;
      }
    }
    return (float) (weight * (StrictMath.log(sum) - logit));
  }

  @Override
  public float softCrossEntropy(
      float[] x, int xBase, float[] target, int targetBase, int classes, float[] dx, int dxBase) {
    float max = max(x, xBase, classes);
    float dot = dot(x, xBase, classes, max, target, targetBase);
    float total = sumOf(target, targetBase, classes);
    float[] e = exponentials(x, xBase, classes, max);
    float sum = sum(e, classes, 0, 1);
    if (dx != null) {
      for (int j = 0; j < classes; j++) {
        dx[dxBase + j] = Math.fma(total, e[j] / sum, -target[targetBase + j]);
      }
    }
    return (float) (total * StrictMath.log(sum) - dot);
  }

  private float dot(float[] x, int xBase, int classes, float max, float[] target, int targetBase) {
    float[] products = scratch.get().floats(classes);
    for (int j = 0; j < classes; j++) {
      products[j] = (x[xBase + j] - max) * target[targetBase + j];
    }
    return sum(products, classes, 0, 1);
  }

  private float sumOf(float[] x, int xBase, int length) {
    float[] copy = scratch.get().floats(length);
    System.arraycopy(x, xBase, copy, 0, length);
    return sum(copy, length, 0, 1);
  }

  @Override
  public void softmax(float[] x, int xBase, int classes, float[] y, int yBase) {
    float[] e = exponentials(x, xBase, classes, max(x, xBase, classes));
    float sum = sum(e, classes, 0, 1);
    for (int j = 0; j < classes; j++) {
      y[yBase + j] = e[j] / sum;
    }
  }

  @Override
  public float squaredError(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase) {
    float[] d = differences(x, xBase, target, targetBase, length);
    if (dx != null) {
      System.arraycopy(d, 0, dx, dxBase, length);
    }
    return 0.5f * sumOfSquares(d, length, 0, 1);
  }

  @Override
  public float absoluteError(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase) {
    float[] d = differences(x, xBase, target, targetBase, length);
    for (int j = 0; j < length; j++) {
      if (dx != null) {
        dx[dxBase + j] = d[j] > 0f ? 1f : d[j] < 0f ? -1f : d[j];
      }
      d[j] = Math.abs(d[j]);
    }
    return sum(d, length, 0, 1);
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
    for (int j = 0; j < length; j++) {
      if (dx != null) {
        dx[dxBase + j] = Math.min(Math.max(d[j], -delta), delta);
      }
      float size = Math.abs(d[j]);
      float cut = Math.min(size, delta);
      d[j] = cut * Math.fma(-0.5f, cut, size);
    }
    return sum(d, length, 0, 1);
  }

  @Override
  public float binaryCrossEntropy(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase) {
    float[] terms = scratch.get().floats(length);
    for (int j = 0; j < length; j++) {
      float v = x[xBase + j];
      terms[j] = Math.fma(-v, target[targetBase + j], Math.max(v, 0f));
    }
    float linear = sum(terms, length, 0, 1);
    for (int j = 0; j < length; j++) {
      float v = x[xBase + j];
      float e = ScalarFunctions.exp(-Math.abs(v));
      if (dx != null) {
        dx[dxBase + j] = (v < 0f ? e : 1f) / (1f + e) - target[targetBase + j];
      }
      terms[j] = e;
    }
    return (float) (linear + sumOfLogarithms(terms, length));
  }

  /** {@code Σ_j log(1 + x_j)} for x in [0, 1]. */
  static double sumOfLogarithms(float[] x, int length) {
    double sum = 0;
    for (int begin = 0; begin < length; begin += LOGARITHM_BLOCK) {
      int end = Math.min(length, begin + LOGARITHM_BLOCK);
      double product = 1;
      for (int j = begin; j < end; j++) {
        product *= 1.0 + x[j];
      }
      sum += StrictMath.log(product);
    }
    return sum;
  }

  @Override
  public float multiMargin(
      float[] x, int xBase, int classes, int label, float margin, float[] dx, int dxBase) {
    float[] terms = scratch.get().floats(classes);
    float missing = margin - x[xBase + label];
    for (int j = 0; j < classes; j++) {
      terms[j] = Math.max(x[xBase + j] + missing, 0f);
    }
    terms[label] = 0f;
    if (dx != null) {
      int above = 0;
      for (int j = 0; j < classes; j++) {
        dx[dxBase + j] = terms[j] > 0f ? 1f : 0f;
        above += terms[j] > 0f ? 1 : 0;
      }
      dx[dxBase + label] = -above;
    }
    return sum(terms, classes, 0, 1);
  }

  private static float max(float[] x, int xBase, int classes) {
    float max = Float.NEGATIVE_INFINITY;
    for (int j = 0; j < classes; j++) {
      max = Math.max(max, x[xBase + j]);
    }
    return max;
  }

  private float[] exponentials(float[] x, int xBase, int classes, float max) {
    float[] e = scratch.get().floats(classes);
    for (int j = 0; j < classes; j++) {
      e[j] = ScalarFunctions.exp(x[xBase + j] - max);
    }
    return e;
  }

  private float[] differences(float[] x, int xBase, float[] target, int targetBase, int length) {
    float[] d = scratch.get().floats(length);
    for (int j = 0; j < length; j++) {
      d[j] = x[xBase + j] - target[targetBase + j];
    }
    return d;
  }

  /**
   * The sum over the virtual lanes {@code lane, lane + stride, lane + 2 · stride …}: a lane alone
   * is a chain over its elements; the tree joins lanes l and l + 8, then l and l + 4, l + 2, l + 1.
   */
  private static float sum(float[] x, int length, int lane, int stride) {
    if (stride < Kernels.LANES) {
      return sum(x, length, lane, 2 * stride) + sum(x, length, lane + stride, 2 * stride);
    }
    float chain = 0f;
    for (int j = lane; j < length; j += Kernels.LANES) {
      chain += x[j];
    }
    return chain;
  }

  /** As {@link #sum}, of squares. */
  private static float sumOfSquares(float[] x, int length, int lane, int stride) {
    if (stride < Kernels.LANES) {
      return sumOfSquares(x, length, lane, 2 * stride)
          + sumOfSquares(x, length, lane + stride, 2 * stride);
    }
    float chain = 0f;
    for (int j = lane; j < length; j += Kernels.LANES) {
      chain = Math.fma(x[j], x[j], chain);
    }
    return chain;
  }
}
