package org.backdraft.driver;

import org.backdraft.data.BadRecords;

/**
 * What happened to the numbers and the records of a run, for {@code summary.json}.
 *
 * @param skippedSteps that changed nothing, since their loss or gradient was not finite
 * @param rollBacks to a checkpoint, each with a lower learning rate
 * @param badRecords that were left out of the sets
 */
public record HealthReport(long skippedSteps, int rollBacks, BadRecords badRecords) {
  /** Nothing happened. */
  public static final HealthReport NONE = new HealthReport(0, 0, BadRecords.NONE);
}
