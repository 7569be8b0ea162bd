package org.backdraft.kernel;

/** The readable truth of {@link LossKernels}. */
final class ScalarLossKernels implements LossKernels {
  @Override
  public float softmaxCrossEntropy(
      float[] x, int xBase, int classes, int label, float[] dx, int dxBase) {
    float max = max(x, xBase, classes);
    float logit = x[xBase + label] - max;
    float sum = sumOfExponentials(x, xBase, classes, max, 0, 1);
    if (dx != null) {
      divide(x, xBase, classes, max, sum, dx, dxBase);
      dx[dxBase + label] -= 1f;
    }
    return (float) (StrictMath.log(sum) - logit);
  }

  @Override
  public void softmax(float[] x, int xBase, int classes, float[] y, int yBase) {
    float max = max(x, xBase, classes);
    float sum = sumOfExponentials(x, xBase, classes, max, 0, 1);
    divide(x, xBase, classes, max, sum, y, yBase);
  }

  @Override
  public float squaredError(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase) {
    float sum = sumOfSquares(x, xBase, target, targetBase, length, 0, 1);
    if (dx != null) {
      for (int j = 0; j < length; j++) {
        dx[dxBase + j] = x[xBase + j] - target[targetBase + j];
      }
    }
    return 0.5f * sum;
  }

  private static float max(float[] x, int xBase, int classes) {
    float max = Float.NEGATIVE_INFINITY;
    for (int j = 0; j < classes; j++) {
      max = Math.max(max, x[xBase + j]);
    }
    return max;
  }

  private static void divide(
      float[] x, int xBase, int classes, float max, float sum, float[] y, int yBase) {
    for (int j = 0; j < classes; j++) {
      y[yBase + j] = ScalarFunctions.exp(x[xBase + j] - max) / sum;
    }
  }

  /**
   * The sum over the virtual lanes {@code lane, lane + stride, lane + 2 · stride …}: a lane alone
   * is a chain over its elements; the tree joins lanes l and l + 8, then l and l + 4, l + 2, l + 1.
   */
  private static float sumOfExponentials(
      float[] x, int xBase, int classes, float max, int lane, int stride) {
    if (stride < Kernels.LANES) {
      return sumOfExponentials(x, xBase, classes, max, lane, 2 * stride)
          + sumOfExponentials(x, xBase, classes, max, lane + stride, 2 * stride);
    }
    float chain = 0f;
    for (int j = lane; j < classes; j += Kernels.LANES) {
      chain += ScalarFunctions.exp(x[xBase + j] - max);
    }
    return chain;
  }

  /** As {@link #sumOfExponentials}. */
  private static float sumOfSquares(
      float[] x, int xBase, float[] target, int targetBase, int length, int lane, int stride) {
    if (stride < Kernels.LANES) {
      return sumOfSquares(x, xBase, target, targetBase, length, lane, 2 * stride)
          + sumOfSquares(x, xBase, target, targetBase, length, lane + stride, 2 * stride);
    }
    float chain = 0f;
    for (int j = lane; j < length; j += Kernels.LANES) {
      float difference = x[xBase + j] - target[targetBase + j];
      chain = Math.fma(difference, difference, chain);
    }
    return chain;
  }
}
