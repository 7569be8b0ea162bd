package org.backdraft.driver.sync;

import org.backdraft.plan.ReductionLayout;

/**
 * What is pushed beside every block of a step's sums, since a shard that owns the block may not own
 * the element: the loss and its denominator.
 */
final class StepTotals {
  /** How many there are. */
  static final int COUNT = 2;

  private static final int LOSS = 0;
  private static final int DENOMINATOR = 1;

  private StepTotals() {}

  /**
   * Picks them out of sums.
   *
   * @param sums in {@code layout}'s order
   * @param totals written
   */
  static void copy(ReductionLayout layout, float[] sums, float[] totals) {
    totals[LOSS] = sums[layout.lossIndex()];
    totals[DENOMINATOR] = sums[layout.denominatorIndex()];
  }

  /** The sum of losses. */
  static float loss(float[] totals) {
    return totals[LOSS];
  }

  /** What gradient sums are divided by: 1 where all labels are ignored, since they are 0 then. */
  static float divisor(float[] totals) {
    return totals[DENOMINATOR] == 0 ? 1 : totals[DENOMINATOR];
  }
}
