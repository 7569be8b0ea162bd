package org.backdraft.driver.worker;

import org.backdraft.driver.sync.KeptArrays;
import org.backdraft.optim.Averaging;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ParameterBlocks;

/**
 * The average of a replica's parameters over steps. Every rank has all of it, and has the same
 * bits, since all have the same parameters. Running statistics of batch normalization are not
 * averaged, as in PyTorch: they stay those of the last step.
 *
 * <p>Used by one thread.
 */
final class WeightAverage {
  private final Averaging averaging;
  private final long stepsPerEpoch;
  private final float[] parameters;
  private final float[] average;
  private final KeptArrays kept;
  private boolean isInPlace;

  /**
   * @param slot its number among the arrays of the gang's state
   * @param isSent whether this rank sends it
   */
  WeightAverage(
      Averaging averaging, int slot, long stepsPerEpoch, Replica replica, boolean isSent) {
    this.averaging = averaging;
    this.stepsPerEpoch = stepsPerEpoch;
    parameters = replica.parameters();
    average = new float[parameters.length];
    kept =
        KeptArrays.whole(
            new ParameterBlocks(replica.plan().parameterTable()),
            new float[][] {average},
            slot,
            isSent);
  }

  /**
   * Takes in the parameters after a step.
   *
   * @param steps that were taken, this one included
   */
  void add(long steps) {
    long counted = averaging.counted(steps, stepsPerEpoch);
    if (counted > 0) {
      averaging.add(parameters, counted - 1, average);
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

  /** The average, as a part of the gang's state. */
  KeptArrays kept() {
    if (isInPlace) {
      throw new IllegalStateException("The average is in the place of the parameters.");
    }
    return kept;
  }
}
