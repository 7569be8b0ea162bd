package org.backdraft.loss;

import org.backdraft.kernel.LossKernels;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * Huber's loss (1964) as PyTorch's {@code HuberLoss}, a mean over all outputs of all examples: half
 * the square of the distance to the target up to {@code delta}, linear beyond; the target is the
 * label's one-hot vector.
 *
 * @param delta above 0
 */
public record Huber(float delta) implements TargetLoss {
  static final String NAME = "huber";

  public Huber {
    Checks.argument(
        delta > 0 && Float.isFinite(delta), "loss.delta must be above 0: got %s.", delta);
  }

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
    return kernels.huber(x, xBase, targets, targetBase, classes, delta, dx, dxBase);
  }

  @Override
  public float denominator(int label, int classes) {
    return classes;
  }
}
