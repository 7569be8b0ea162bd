package org.backdraft.checkpoint;

import org.backdraft.tensor.Checks;

/**
 * Which checkpoints stay.
 *
 * @param keep how many of the newest, at least 1
 * @param keepBest whether also the one with the highest {@link CheckpointState#METRIC}, of equals
 *     the newest
 */
public record Retention(int keep, boolean keepBest) {
  public Retention {
    Checks.argument(keep >= 1, "At least 1 checkpoint must be kept: got %d.", keep);
  }
}
