package org.backdraft.kernel;

/** The readable truth of {@link LossKernels}. */
final class ScalarLossKernels implements LossKernels {
  @Override
  public float softmaxCrossEntropy(
      float[] x, int xBase, int classes, int label, float[] dx, int dxBase) {
    float max = max(x, xBase, classes);
    float logit = x[xBase + label] - max;
    float sum = sumOfExponentials(x, xBase, classes, max);
    float loss = (float) (StrictMath.log(sum) - logit);
    if (dx != null) {
      for (int j = 0; j < classes; j++) {
        float p = ScalarFunctions.exp(x[xBase + j] - max) / sum;
        dx[dxBase + j] = j == label ? p - 1f : p;
      }
    }
    return loss;
  }

  @Override
  public void softmax(float[] x, int xBase, int classes, float[] y, int yBase) {
    float max = max(x, xBase, classes);
    float sum = sumOfExponentials(x, xBase, classes, max);
    for (int j = 0; j < classes; j++) {
      y[yBase + j] = ScalarFunctions.exp(x[xBase + j] - max) / sum;
    }
  }

  @Override
  public float squaredError(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase) {
    float s0 = 0;
    float[] none = dx;
    LaneSum lanes = new LaneSum();
    for (int j = 0; j < length; j++) {
      float difference = x[xBase + j] - target[targetBase + j];
      lanes.add(j, difference * difference);
      if (none != null) {
        none[dxBase + j] = difference;
      }
    }
    return 0.5f * (s0 + lanes.sum());
  }

  private static float sumOfExponentials(float[] x, int xBase, int classes, float max) {
    LaneSum lanes = new LaneSum();
    for (int j = 0; j < classes; j++) {
      lanes.add(j, ScalarFunctions.exp(x[xBase + j] - max));
    }
    return lanes.sum();
  }

  private static float max(float[] x, int xBase, int classes) {
    float max = Float.NEGATIVE_INFINITY;
    for (int j = 0; j < classes; j++) {
      max = Math.max(max, x[xBase + j]);
    }
    return max;
  }

  /** Sums in 16 virtual lanes. */
  private static final class LaneSum {
    private final float[] lanes = new float[Kernels.LANES];

    void add(int index, float value) {
      lanes[index % Kernels.LANES] += value;
    }

    float sum() {
      for (int half = Kernels.LANES / 2; half >= 1; half /= 2) {
        for (int i = 0; i < half; i++) {
          lanes[i] += lanes[i + half];
        }
      }
      return lanes[0];
    }
  }
}
