package org.backdraft.driver.sync;

import org.backdraft.plan.ReductionLayout;

/** The sums of a step over the global batch that are told to the driver: a view of an array. */
public final class StepSums {
  private final ReductionLayout layout;
  private final float[] sum;

  /**
   * @param sum in {@code layout}'s order; read when asked
   */
  StepSums(ReductionLayout layout, float[] sum) {
    this.layout = layout;
    this.sum = sum;
  }

  /** Of the losses of all examples; not yet divided. */
  public float loss() {
    return sum[layout.lossIndex()];
  }

  /** What the loss is to be divided by. */
  public float denominator() {
    return sum[layout.denominatorIndex()];
  }

  /** Labels whose output is the largest. */
  public float correct() {
    return sum[layout.correctIndex()];
  }

  /** Labels that are not ignored. */
  public float labels() {
    return sum[layout.labelsIndex()];
  }
}
