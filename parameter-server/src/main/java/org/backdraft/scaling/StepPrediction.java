package org.backdraft.scaling;

/**
 * How long a step takes on a gang: the mean over {@code steps} steps in a row. Computing,
 * straggling and exchanging add up to the step.
 *
 * @param computeSeconds forward, backward and update of the mean rank
 * @param stragglerSeconds by which the slowest rank of a step computes longer
 * @param exchangeSeconds of communication that computing does not hide
 * @param sentBytes by the rank that sends most
 * @param peers that the rank with most of them exchanges with
 * @param steps that were simulated
 */
public record StepPrediction(
    double computeSeconds,
    double stragglerSeconds,
    double exchangeSeconds,
    long sentBytes,
    int peers,
    int steps) {
  /** From the begin of a step to that of the next. */
  public double stepSeconds() {
    return computeSeconds + stragglerSeconds + exchangeSeconds;
  }
}
