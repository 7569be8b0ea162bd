package org.backdraft.loss;

import org.backdraft.kernel.LossKernels;
import org.backdraft.tensor.Shape;

/**
 * The mean of |output − target| over all outputs of all examples, as PyTorch's {@code L1Loss}; the
 * target is the label's one-hot vector.
 */
public record AbsoluteError() implements TargetLoss {
  static final String NAME = "l1";

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
    return kernels.absoluteError(x, xBase, targets, targetBase, classes, dx, dxBase);
  }

  @Override
  public float denominator(int label, int classes) {
    return classes;
  }
}
