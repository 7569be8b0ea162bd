package org.backdraft.driver.worker;

import java.io.Serializable;

/**
 * After which steps a gang sends its state to the driver; at others it does when the driver asks.
 *
 * @param everySteps after each multiple of it, 0 for never
 * @param everyEpochs after each multiple of it, once evaluated, 0 for never
 */
public record CheckpointRule(long everySteps, int everyEpochs) implements Serializable {
  /** Only when asked. */
  public static final CheckpointRule NEVER = new CheckpointRule(0, 0);

  /** Whether after so many steps. */
  public boolean isDueAfterSteps(long steps) {
    return everySteps > 0 && steps % everySteps == 0;
  }

  /** Whether after so many epochs. */
  public boolean isDueAfterEpochs(int epochs) {
    return everyEpochs > 0 && epochs % everyEpochs == 0;
  }
}
