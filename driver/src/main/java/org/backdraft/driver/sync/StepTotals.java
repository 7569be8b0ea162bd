package org.backdraft.driver.sync;

import org.backdraft.plan.ReductionLayout;

/**
 * What is pushed beside every block of a step's sums, since a shard that owns the block may not own
 * the element: the loss and its denominator, and the learning rate of the step.
 */
final class StepTotals {
  /** How many there are. */
  static final int COUNT = 3;

  private static final int LOSS = 0;
  private static final int DENOMINATOR = 1;
  private static final int RATE = 2;

  private StepTotals() {}

  /**
   * Picks them out of sums.
   *
   * @param sums in {@code layout}'s order
   * @param learningRate of one node of all; 0 of the others, to which it is added
   * @param totals written
   */
  static void copy(ReductionLayout layout, float[] sums, float learningRate, float[] totals) {
    totals[LOSS] = sums[layout.lossIndex()];
    totals[DENOMINATOR] = sums[layout.denominatorIndex()];
    totals[RATE] = learningRate;
  }

  /** The sum of losses. */
  static float loss(float[] totals) {
    return totals[LOSS];
  }

  /** The learning rate of the step. */
  static float learningRate(float[] totals) {
    return totals[RATE];
  }

  /** What gradient sums are divided by: 1 where all labels are ignored, since they are 0 then. */
  static float divisor(float[] totals) {
    return totals[DENOMINATOR] == 0 ? 1 : totals[DENOMINATOR];
  }
}
