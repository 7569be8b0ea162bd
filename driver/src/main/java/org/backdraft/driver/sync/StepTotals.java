package org.backdraft.driver.sync;

import org.backdraft.plan.ReductionLayout;

/**
 * What is pushed beside every block of a step's sums, since a shard that owns the block may not own
 * the element: the loss and its denominator, the learning rate of the step, and whether a worker's
 * sums are not finite.
 */
final class StepTotals {
  /** How many there are. */
  static final int COUNT = 4;

  private static final int LOSS = 0;
  private static final int DENOMINATOR = 1;
  private static final int RATE = 2;
  private static final int NON_FINITE = 3;

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
    totals[NON_FINITE] = sums[layout.nonFiniteIndex()];
  }

  /** Whether loss and gradients of all workers are finite. */
  static boolean isFinite(float[] totals) {
    return Float.isFinite(totals[LOSS]) && totals[NON_FINITE] == 0;
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
