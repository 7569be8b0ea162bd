package org.backdraft.driver.sync;

import org.backdraft.kernel.UpdateKernels;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.TensorRules;
import org.backdraft.plan.Plan;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.tensor.ParameterBlocks;

/**
 * The gradient of a lease on its way to the shards: clipped here, where all of it is, and with what
 * the shards divide and scale it by. Used by one thread.
 */
public final class PushedGradient {
  private final UpdateKernels kernels;
  private final ReductionLayout layout;
  private final ParameterBlocks blocks;
  private final double[] squares;
  private final TensorRules rules;
  private final Clipping clipping;

  public PushedGradient(Plan plan, Updates updates) {
    kernels = plan.kernels().update();
    layout = plan.reduction();
    blocks = new ParameterBlocks(plan.parameterTable());
    squares = new double[blocks.count()];
    rules = updates.rules(plan.parameterTable());
    clipping = updates.clipping();
  }

  /**
   * Bounds the mean gradient of a lease, and says what travels beside it. Where all labels are
   * ignored the denominator is 0, and gradients, being 0 too, are divided by 1.
   *
   * @param sums in the order of {@link ReductionLayout}; gradients are cut off in it
   * @param learningRate of the step
   * @param batchExamples of the global batch, short as the last may be
   */
  public LeaseOptimizer.Totals totals(float[] sums, float learningRate, int batchExamples) {
    float examples = sums[layout.examplesIndex()];
    float fraction = examples / batchExamples;
    float denominator = sums[layout.denominatorIndex()];
    return new LeaseOptimizer.Totals(
        bounded(sums, denominator == 0 ? 1 : denominator),
        learningRate * fraction,
        examples,
        fraction);
  }

  private float bounded(float[] sums, float denominator) {
    if (clipping.value() > 0) {
      kernels.clamp(sums, 0, layout.parameters(), clipping.value() * denominator);
    }
    if (clipping.norm() == 0) {
      return denominator;
    }
    for (int block = 0; block < squares.length; block++) {
      squares[block] =
          rules.isFrozen(blocks.tensor(block))
              ? 0
              : kernels.sumOfSquares(sums, blocks.begin(block), blocks.end(block));
    }
    return clipping.denominator(blocks.sum(squares), denominator);
  }
}
