package org.backdraft.driver.sync;

import org.backdraft.kernel.UpdateKernels;
import org.backdraft.optim.TensorRules;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.ps.BlockOptimizer;
import org.backdraft.tensor.Checks;

/**
 * What a shard does with what a lease pushed: one step of the optimizer over parameters, and the
 * running statistics of batch normalization. Loss and counts, the last elements of the table, stay.
 *
 * <p>Of a lease that holds a fraction r of its global batch the learning rate is r times that of
 * the step, so that the leases of a batch together move the parameters as far as one step over the
 * batch would: with SGD exactly, were they all computed from the same parameters; with rules that
 * divide by a measure of the gradient, such as Adam, in length. Statistics move by {@code 1 − (1 −
 * m)^r} of the way, m being the layer's momentum, which for all leases together is m.
 */
public final class LeaseOptimizer implements BlockOptimizer {
  /** What travels beside the sums of a lease. */
  public record Totals(
      float denominator, float learningRate, float examples, float fractionOfBatch) {
    /** How many floats they are. */
    public static final int COUNT = 4;

    /** As they are pushed. */
    public float[] toArray() {
      return new float[] {denominator, learningRate, examples, fractionOfBatch};
    }

    static Totals of(float[] totals) {
      return new Totals(totals[0], totals[1], totals[2], totals[3]);
    }
  }

  private final TensorRules rules;
  private final UpdateKernels kernels;
  private final int parameters;
  private final float[] statisticsShares;

  /**
   * @param statisticsShares as {@link org.backdraft.plan.Plan#statisticsShares} gives them
   */
  public LeaseOptimizer(
      TensorRules rules, UpdateKernels kernels, ReductionLayout layout, float[] statisticsShares) {
    Checks.argument(
        statisticsShares.length == layout.statistics(),
        "There must be a share for each of %d statistics: got %d.",
        layout.statistics(),
        statisticsShares.length);
    this.rules = rules;
    this.kernels = kernels;
    parameters = layout.parameters();
    this.statisticsShares = statisticsShares;
  }

  @Override
  public int stateSlots() {
    return rules.optimizer().stateSlots();
  }

  @Override
  public void update(Block block, int begin, int end, float[] totals, long update) {
    Totals of = Totals.of(totals);
    int border = Math.max(begin, Math.min(end, parameters - block.tableBegin()));
    if (begin < border) {
      rules.update(
          kernels,
          block.values(),
          block.sums(),
          block.state(),
          begin,
          border,
          block.tableBegin(),
          0,
          of.denominator(),
          of.learningRate(),
          update);
    }
    int endOfStatistics = parameters + statisticsShares.length - block.tableBegin();
    for (int i = border; i < Math.min(end, endOfStatistics); i++) {
      float share = statisticsShares[block.tableBegin() + i - parameters];
      float kept = (float) StrictMath.pow(1 - share, of.fractionOfBatch());
      float statistic = block.sums()[i] / of.examples();
      block.values()[i] = kept * block.values()[i] + (1 - kept) * statistic;
    }
  }
}
