package org.backdraft.driver.sync;

import org.backdraft.plan.ReductionLayout;

/**
 * The sums over the global batch that are told to the driver, of the steps that have become known
 * together: a view of an array. Mostly that is one step; none or several where ranks agree less
 * often than at each step.
 */
public final class StepSums {
  private final ReductionLayout layout;
  private final float[] sums;
  private final int first;
  private int count;

  /**
   * Of one step.
   *
   * @param sum in {@code layout}'s order; read when asked
   */
  StepSums(ReductionLayout layout, float[] sum) {
    this(layout, sum, layout.lossIndex());
    count = 1;
  }

  /**
   * Of no step yet.
   *
   * @param sums for each step what {@code layout} has from the loss to its end, behind each other
   *     from {@code first}; read when asked
   */
  StepSums(ReductionLayout layout, float[] sums, int first) {
    this.layout = layout;
    this.sums = sums;
    this.first = first;
  }

  /** Room for what is kept of the sums of one step. */
  static StepSums kept(ReductionLayout layout) {
    StepSums kept = new StepSums(layout, new float[layout.size() - layout.lossIndex()], 0);
    kept.count = 1;
    return kept;
  }

  /** Takes over the sums of the first of another's steps; this must be {@link #kept}. */
  void keep(StepSums other) {
    System.arraycopy(other.sums, other.first, sums, 0, sums.length);
  }

  /** Says how many steps the array holds now. */
  void setCount(int count) {
    this.count = count;
  }

  /** How many steps have become known, in order from the first that was not. */
  public int count() {
    return count;
  }

  /** Of the losses of all examples of the i-th of them; not yet divided. */
  public float loss(int i) {
    return get(i, layout.lossIndex());
  }

  /** What the loss is to be divided by. */
  public float denominator(int i) {
    return get(i, layout.denominatorIndex());
  }

  /** Labels whose output is the largest. */
  public float correct(int i) {
    return get(i, layout.correctIndex());
  }

  /** Labels that are not ignored. */
  public float labels(int i) {
    return get(i, layout.labelsIndex());
  }

  /** What ranks have {@linkplain org.backdraft.plan.Replica#raise raised}, the same on all. */
  public int signal(int i) {
    return (int) get(i, layout.signalIndex());
  }

  /** Whether the loss, or anything else that is summed in the step, is a NaN or an infinity. */
  public boolean isNonFinite(int i) {
    return !Float.isFinite(loss(i)) || get(i, layout.nonFiniteIndex()) != 0;
  }

  private float get(int i, int index) {
    int stride = layout.size() - layout.lossIndex();
    return sums[first + i * stride + index - layout.lossIndex()];
  }
}
