package org.backdraft.driver.sync;

import org.backdraft.kernel.UpdateKernels;
import org.backdraft.optim.TensorRules;
import org.backdraft.ps.BlockOptimizer;
import org.backdraft.tensor.ParameterTable;

/**
 * A run's optimiser at a shard: the kernels, the order of operations and so the bits of {@link
 * org.backdraft.plan.Replica#update}. The value of an element that is no parameter becomes the sum
 * itself. Where loss or gradients are not finite neither parameters nor state change.
 *
 * <p>Where norms are needed there is a round for each kind, see {@link NormRounds}.
 *
 * <p>Has no state of its own, so one serves all shards of a JVM.
 */
public final class ShardOptimizer implements BlockOptimizer {
  private final UpdateKernels kernels;
  private final Updates updates;
  private final TensorRules rules;
  private final int parameters;
  private final NormRounds norms;

  /**
   * @param table of the parameters, with which the shared table begins
   */
  public ShardOptimizer(UpdateKernels kernels, ParameterTable table, Updates updates) {
    this.kernels = kernels;
    this.updates = updates;
    parameters = table.size();
    rules = updates.rules(table);
    norms = new NormRounds(kernels, table, updates.clipping(), rules);
  }

  @Override
  public int stateSlots() {
    return updates.optimizer().stateSlots();
  }

  @Override
  public int rounds() {
    return norms.count();
  }

  @Override
  public double[] measure(int round, Block block, float[] totals, long update) {
    int end = parametersEnd(block, 0, block.values().length);
    if (end == 0) {
      return new double[0];
    }
    if (!StepTotals.isFinite(totals)) {
      return norms.nothing(round, block.tableBegin(), block.tableBegin() + end);
    }
    clamp(block, 0, end, totals);
    return norms.measure(round, block, end, StepTotals.divisor(totals), update);
  }

  @Override
  public double[] combine(int round, double[] measures) {
    return norms.combine(round, measures);
  }

  @Override
  public void update(Block block, int begin, int end, float[] totals, long update) {
    int sumsBegin = parametersEnd(block, begin, end);
    System.arraycopy(block.sums(), sumsBegin, block.values(), sumsBegin, end - sumsBegin);
    if (sumsBegin == begin || !StepTotals.isFinite(totals)) {
      return;
    }
    clamp(block, begin, sumsBegin, totals);
    float denominator = norms.denominator(block.known(), StepTotals.divisor(totals));
    float rate = StepTotals.learningRate(totals);
    if (rules.isLayerwise()) {
      norms.updateTensors(block, begin, sumsBegin, denominator, rate, update);
    } else {
      rules.update(
          kernels,
          block.values(),
          block.sums(),
          block.state(),
          begin,
          sumsBegin,
          block.tableBegin(),
          0,
          denominator,
          rate,
          update);
    }
  }

  /** A second time changes nothing. */
  private void clamp(Block block, int begin, int end, float[] totals) {
    float limit = updates.clipping().value();
    if (limit > 0 && begin < end) {
      kernels.clamp(block.sums(), begin, end, limit * StepTotals.divisor(totals));
    }
  }

  /** One past the last parameter of a block's {@code [begin, end)}. */
  private int parametersEnd(Block block, int begin, int end) {
    return Math.max(begin, Math.min(end, parameters - block.tableBegin()));
  }
}
