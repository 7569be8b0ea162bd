package org.backdraft.optim;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * How the weights of steps are averaged, as by PyTorch's {@code AveragedModel}: {@code average +=
 * share · (weights − average)}, and the weights themselves at first.
 *
 * @param kind of the share
 * @param decay of {@link Kind#EXPONENTIAL}, in [0, 1)
 * @param fromEpoch the first epoch whose steps count, from 0
 */
public record Averaging(Kind kind, double decay, int fromEpoch) implements Serializable {
  /** Which share the weights of a step have. */
  public enum Kind {
    /** There is no average. */
    NONE,
    /**
     * {@code 1 / n} at the n-th of the steps, so that all count alike (Polyak and Juditsky 1992;
     * Izmailov et al. 2018, algorithm 1).
     */
    POLYAK,
    /** Always {@code 1 − decay} (Tarvainen and Valpola 2017, equation 1). */
    EXPONENTIAL
  }

  /** Without an average. */
  public static final Averaging NONE = new Averaging(Kind.NONE, 0, 0);

  public Averaging {
    Checks.argument(
        decay >= 0 && decay < 1, "train.average.decay must lie in [0, 1): got %s.", decay);
    Checks.argument(fromEpoch >= 0, "An average must begin at an epoch: got %d.", fromEpoch);
  }

  /** Whether there is none. */
  public boolean isNone() {
    return kind == Kind.NONE;
  }

  /**
   * The share of the weights after a step.
   *
   * @param before steps that have counted before
   */
  float share(long before) {
    if (before == 0) {
      return 1;
    }
    return (float) (kind == Kind.EXPONENTIAL ? 1 - decay : 1.0 / (before + 1));
  }

  /**
   * Takes the weights after a step into an average.
   *
   * @param before steps that have counted before
   * @param average as long as the weights; overwritten
   */
  public void add(float[] weights, long before, float[] average) {
    float share = share(before);
    if (share == 1) {
      System.arraycopy(weights, 0, average, 0, average.length);
      return;
    }
    for (int i = 0; i < average.length; i++) {
      average[i] += share * (weights[i] - average[i]);
    }
  }

  /** How many of the first {@code steps} count. */
  public long counted(long steps, long stepsPerEpoch) {
    return isNone() ? 0 : Math.max(0, steps - fromEpoch * stepsPerEpoch);
  }
}
