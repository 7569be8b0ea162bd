package org.backdraft.optim;

import org.backdraft.kernel.UpdateKernels;
import org.backdraft.tensor.Checks;

/**
 * Limited-memory BFGS with a line search for the strong Wolfe conditions, see {@link LbfgsSearch}.
 *
 * <p>What it needs is a loss and a gradient at weights of its choice, the same numbers on all
 * workers. So a <em>step</em> of this rule is one evaluation: the update puts the mean gradient in
 * the place of the parameters, and it reaches all workers as the next parameters of other rules do.
 * Whoever drives the steps puts the weights there that are to be evaluated next.
 *
 * @param history pairs of changes that are kept, at least 1
 */
public record Lbfgs(int history) implements Optimizer {
  static final String NAME = "lbfgs";

  private static final int MOST_HISTORY = 1000;

  public Lbfgs {
    Checks.argument(
        history >= 1 && history <= MOST_HISTORY,
        "optimizer.history must lie in [1, %d]: got %d.",
        MOST_HISTORY,
        history);
  }

  @Override
  public String name() {
    return NAME;
  }

  /** None: every worker keeps the history whole, see {@link LbfgsSearch#saved}. */
  @Override
  public int stateSlots() {
    return 0;
  }

  @Override
  public Lbfgs withWeightDecay(float weightDecay) {
    Checks.argument(
        weightDecay == 0,
        "optimizer.weight-decay must be 0 with lbfgs, as in PyTorch: got %s.",
        weightDecay);
    return this;
  }

  /** Overwrites the parameters by the mean gradient. */
  @Override
  public void update(
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
