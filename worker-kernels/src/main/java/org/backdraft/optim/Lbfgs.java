package org.backdraft.optim;

import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterBlocks;

/**
 * Limited-memory BFGS (Nocedal and Wright 2006, algorithms 7.4 and 7.5), as PyTorch's {@code LBFGS}
 * with {@code line_search_fn="strong_wolfe"}.
 *
 * @param history pairs of changes that are kept, at least 1
 */
public record Lbfgs(int history) implements SearchRule {
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

  @Override
  public InverseHessian inverseHessian(ParameterBlocks blocks) {
    return new LimitedMemory(history, new BlockDots(blocks));
  }

  @Override
  public int hessianArrays(int parameters) {
    return 2 * history;
  }
}
