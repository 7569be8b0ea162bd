package org.backdraft.loss;

import org.backdraft.kernel.LossKernels;
import org.backdraft.tensor.Shape;

/**
 * Cross-entropy of a logistic output for each class, each a question of its own, as PyTorch's
 * {@code BCEWithLogitsLoss}: a mean over all outputs of all examples. The target is the label's
 * one-hot vector.
 */
public record BinaryCrossEntropy() implements TargetLoss {
  static final String NAME = "binary-cross-entropy";

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
    return kernels.binaryCrossEntropy(x, xBase, targets, targetBase, classes, dx, dxBase);
  }

  @Override
  public float denominator(int label, int classes) {
    return classes;
  }
}
