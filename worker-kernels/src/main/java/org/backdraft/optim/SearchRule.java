package org.backdraft.optim;

import org.backdraft.kernel.UpdateKernels;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterBlocks;

/**
 * A quasi-Newton method with a line search, see {@link QuasiNewtonSearch}.
 *
 * <p>What it needs is a loss and a gradient at weights of its choice, the same numbers on all
 * workers. So a <em>step</em> of such a rule is one evaluation: the update puts the mean gradient
 * in the place of the parameters, and it reaches all workers as the next parameters of other rules
 * do. Whoever drives the steps puts the weights there that are to be evaluated next.
 */
public interface SearchRule extends Optimizer {
  /**
   * What is known of the curvature before the first step.
   *
   * @throws IllegalArgumentException if there are more parameters than the method can take
   */
  InverseHessian inverseHessian(ParameterBlocks blocks);

  /**
   * How many arrays as long as the parameters {@link InverseHessian#saved} tells.
   *
   * @throws IllegalArgumentException if there are more parameters than the method can take
   */
  int hessianArrays(int parameters);

  /** None: every worker keeps what it knows whole, see {@link QuasiNewtonSearch#saved}. */
  @Override
  default int stateSlots() {
    return 0;
  }

  @Override
  default SearchRule withWeightDecay(float weightDecay) {
    Checks.argument(
        weightDecay == 0,
        "optimizer.weight-decay must be 0 with %s, as with PyTorch's LBFGS: got %s.",
        name(),
        weightDecay);
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
