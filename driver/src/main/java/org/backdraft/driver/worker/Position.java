package org.backdraft.driver.worker;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * A place in a training between two steps.
 *
 * @param epoch from 0
 * @param stepInEpoch the next step of that epoch, from 0; one past its last where the epoch is
 *     still to be evaluated
 */
public record Position(int epoch, long stepInEpoch) implements Serializable {
  /** Before the first step. */
  public static final Position BEGINNING = new Position(0, 0);

  public Position {
    Checks.argument(
        epoch >= 0 && stepInEpoch >= 0,
        "A position must be at epoch >= 0 and step >= 0: got %d and %d.",
        epoch,
        stepInEpoch);
  }

  /** How many steps lie before it. */
  public long steps(long stepsPerEpoch) {
    return epoch * stepsPerEpoch + stepInEpoch;
  }
}
