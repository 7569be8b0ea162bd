package org.backdraft.optim;

import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterBlocks;

/**
 * BFGS with the whole matrix, for small networks: {@link DenseInverseHessian} on each worker, four
 * bytes for each pair of parameters.
 */
public record Bfgs() implements SearchRule {
  static final String NAME = "bfgs";

  /** With more the matrix takes longer to update than most losses to evaluate. */
  static final int MOST_PARAMETERS = 4096;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public InverseHessian inverseHessian(ParameterBlocks blocks) {
    BlockDots dots = new BlockDots(blocks);
    check(dots.length());
    return new DenseInverseHessian(dots);
  }

  @Override
  public int hessianArrays(int parameters) {
    check(parameters);
    return parameters;
  }

  private static void check(int parameters) {
    Checks.argument(
        parameters <= MOST_PARAMETERS,
        "optimizer.name=bfgs keeps a matrix of all pairs of parameters, so a network must have at"
            + " most %d: got %d. Use lbfgs.",
        MOST_PARAMETERS,
        parameters);
  }
}
