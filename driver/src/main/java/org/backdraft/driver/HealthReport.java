package org.backdraft.driver;

/**
 * What happened to the numbers of a run, for {@code summary.json}.
 *
 * @param skippedSteps that changed nothing, since their loss or gradient was not finite
 * @param rollBacks to a checkpoint, each with a lower learning rate
 */
public record HealthReport(long skippedSteps, int rollBacks) {
  /** Nothing happened. */
  public static final HealthReport NONE = new HealthReport(0, 0);
}
