package org.backdraft.driver.sync;

import org.backdraft.kernel.UpdateKernels;
import org.backdraft.optim.Optimizer;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.ps.BlockOptimizer;

/**
 * A run's optimiser at a shard: the kernels, the order of operations and so the bits of {@link
 * org.backdraft.plan.Replica#update}. The value of an element that is no parameter becomes the sum
 * itself. Where the loss is not finite no parameter changes.
 *
 * <p>Stateless, so one serves all shards of a JVM.
 */
public final class ShardOptimizer implements BlockOptimizer {
  private final UpdateKernels kernels;
  private final ReductionLayout layout;
  private final Updates updates;
  private final Optimizer optimizer;
  private final LearningRates rates;

  /**
   * @param rates by the number of the update, from 0
   */
  public ShardOptimizer(
      UpdateKernels kernels, ReductionLayout layout, Updates updates, LearningRates rates) {
    this.kernels = kernels;
    this.layout = layout;
    this.updates = updates;
    this.rates = rates;
    optimizer = updates.optimizer();
  }

  @Override
  public int stateSlots() {
    return optimizer.stateSlots();
  }

  @Override
  public void update(Block block, int begin, int end, float[] totals, long update) {
    int sumsBegin = Math.max(begin, Math.min(end, layout.parameters() - block.tableBegin()));
    System.arraycopy(block.sums(), sumsBegin, block.values(), sumsBegin, end - sumsBegin);
    if (sumsBegin == begin || !Float.isFinite(StepTotals.loss(totals))) {
      return;
    }
    float divisor = StepTotals.divisor(totals);
    float limit = updates.clipping().value();
    if (limit > 0) {
      kernels.clamp(block.sums(), begin, sumsBegin, limit * divisor);
    }
    optimizer.update(
        kernels,
        block.values(),
        block.sums(),
        block.state(),
        begin,
        sumsBegin,
        divisor,
        rates.of(update - 1),
        update);
  }
}
