package org.backdraft.driver.worker;

import java.io.IOException;
import org.backdraft.driver.control.StateRanges;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.optim.Averaging;

/**
 * The average of a replica's parameters over steps. Every rank has all of it, and has the same
 * bits, since all have the same parameters. Running statistics of batch normalization are not
 * averaged, as in PyTorch: they stay those of the last step.
 *
 * <p>Used by one thread.
 */
final class WeightAverage {
  private final Averaging averaging;
  private final int slot;
  private final long stepsPerEpoch;
  private final float[] parameters;
  private final float[] average;
  private boolean isInPlace;

  /**
   * @param slot its number among the arrays of the gang's state
   * @param parameters of the replica
   */
  WeightAverage(Averaging averaging, int slot, long stepsPerEpoch, float[] parameters) {
    this.averaging = averaging;
    this.slot = slot;
    this.stepsPerEpoch = stepsPerEpoch;
    this.parameters = parameters;
    average = new float[parameters.length];
  }

  /** Its number among the arrays of the gang's state. */
  int slot() {
    return slot;
  }

  /** Fetches the average that training goes on from. */
  void receive(WorkerControl control) throws IOException, InterruptedException {
    StateRanges all = new StateRanges(new int[] {0}, new int[] {average.length}, slot, slot + 1);
    control.receiveStartState(
        all,
        chunk ->
            System.arraycopy(chunk.values(), 0, average, chunk.begin(), chunk.values().length));
  }

  /**
   * Takes in the parameters after a step.
   *
   * @param steps that were taken, this one included
   */
  void add(long steps) {
    long counted = averaging.counted(steps, stepsPerEpoch);
    if (counted == 0) {
      return;
    }
    float share = averaging.share(counted - 1);
    if (share == 1) {
      System.arraycopy(parameters, 0, average, 0, average.length);
      return;
    }
    for (int i = 0; i < average.length; i++) {
      average[i] += share * (parameters[i] - average[i]);
    }
  }

  /**
   * Exchanges the parameters and the average, where one has begun: each takes the other's place.
   *
   * @param steps that were taken
   */
  void exchange(long steps) {
    if (averaging.counted(steps, stepsPerEpoch) == 0) {
      return;
    }
    for (int i = 0; i < average.length; i++) {
      float kept = average[i];
      average[i] = parameters[i];
      parameters[i] = kept;
    }
    isInPlace = !isInPlace;
  }

  /** The average. */
  float[] values() {
    if (isInPlace) {
      throw new IllegalStateException("The average is in the place of the parameters.");
    }
    return average;
  }
}
