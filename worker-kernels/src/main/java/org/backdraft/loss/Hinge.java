package org.backdraft.loss;

import org.backdraft.kernel.LossKernels;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * The hinge loss for several classes as PyTorch's {@code MultiMarginLoss} with p = 1: {@code
 * Σ_j≠label max(0, margin − x_label + x_j) / classes}, the mean over examples (Weston and Watkins
 * 1999; Crammer and Singer 2001 take the largest summand alone).
 *
 * <p>With a margin of 0 it is the criterion of Rosenblatt's perceptron: an example that is answered
 * rightly teaches nothing, and another one moves the weights of both outputs by the example.
 *
 * @param margin at least 0
 */
public record Hinge(float margin) implements Loss {
  static final String NAME = "hinge";

  public Hinge {
    Checks.argument(
        margin >= 0 && Float.isFinite(margin), "loss.margin must be at least 0: got %s.", margin);
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
    return new float[0];
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
    return kernels.multiMargin(x, xBase, classes, label, margin, dx, dxBase);
  }

  @Override
  public float denominator(int label, int classes) {
    return classes;
  }
}
