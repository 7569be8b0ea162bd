package org.backdraft.scaling;

import org.backdraft.tensor.Checks;

/**
 * What a step computes.
 *
 * @param passSeconds forward and backward pass of a rank with the mean number of leaves, in the
 *     mean
 * @param updateSeconds an update of all parameters; a rank updates what it owns
 * @param jitter of the passes
 */
public record StepCompute(double passSeconds, double updateSeconds, Jitter jitter) {
  public StepCompute {
    Checks.argument(
        passSeconds >= 0
            && updateSeconds >= 0
            && Double.isFinite(passSeconds)
            && Double.isFinite(updateSeconds),
        "Times of a step must be numbers of seconds >= 0: got %s and %s.",
        passSeconds,
        updateSeconds);
  }
}
