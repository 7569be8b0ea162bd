package org.backdraft.loss;

import org.backdraft.kernel.LossKernels;
import org.backdraft.tensor.Shape;

/**
 * The lecture's ½ Σ (output − target)², the target being the label's one-hot vector; the mean is
 * over examples.
 */
public record SquaredError() implements TargetLoss {
  static final String NAME = "squared-error";

  @Override
  public String configName() {
    return NAME;
  }

  @Override
  public void check(String network, Shape output) {
    Outputs.requireVector(NAME, network, output);
  }

  @Override
  public boolean ignores(int label) {
    return false;
  }

  @Override
  public float[] newTarget(int classes) {
    return new float[classes];
  }

  @Override
  public float evaluate(
      LossKernels kernels,
      float[] x,
      int xBase,
      int classes,
      int label,
      float[] target,
      float[] dx,
      int dxBase) {
    target[label] = 1;
    float loss = evaluate(kernels, x, xBase, classes, target, 0, dx, dxBase);
    target[label] = 0;
    return loss;
  }

  @Override
  public float evaluate(
      LossKernels kernels,
      float[] x,
      int xBase,
      int classes,
      float[] targets,
      int targetBase,
      float[] dx,
      int dxBase) {
    return kernels.squaredError(x, xBase, targets, targetBase, classes, dx, dxBase);
  }

  @Override
  public float denominator(int label, int classes) {
    return 1;
  }
}
