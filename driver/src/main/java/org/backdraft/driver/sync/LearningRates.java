package org.backdraft.driver.sync;

/** The learning rate of each step of a run; a function of the step alone. */
@FunctionalInterface
public interface LearningRates {
  /**
   * @param step from 0
   */
  float of(long step);
}
