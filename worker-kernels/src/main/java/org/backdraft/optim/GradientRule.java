package org.backdraft.optim;

import org.backdraft.kernel.UpdateKernels;
import org.backdraft.tensor.Checks;

/**
 * A method that needs several evaluations of loss and gradient for one step, at weights of its
 * choice, the same numbers on all workers. Its update puts the mean gradient in the place of the
 * parameters, and it reaches all workers as the next parameters of other rules do. Whoever drives
 * the evaluations puts the weights there that are to be evaluated next.
 */
public interface GradientRule extends Optimizer {
  /** None: every worker keeps what it knows whole. */
  @Override
  default int stateSlots() {
    return 0;
  }

  @Override
  default GradientRule withWeightDecay(float weightDecay) {
    Checks.argument(
        weightDecay == 0, "optimizer.weight-decay must be 0 with %s: got %s.", name(), weightDecay);
    return this;
  }

  /** Overwrites the parameters by the mean gradient. */
  @Override
  default void update(
      UpdateKernels kernels,
      float[] w,
      float[] g,
      float[][] state,
      int begin,
      int end,
      int shift,
      float denominator,
      float learningRate,
      long step) {
    for (int i = begin; i < end; i++) {
      w[i] = g[i] / denominator;
    }
  }
}
