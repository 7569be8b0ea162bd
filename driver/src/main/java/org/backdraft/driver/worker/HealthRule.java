package org.backdraft.driver.worker;

import java.io.Serializable;

/**
 * How the numbers of a training are watched; the same for all ranks, which decide alike.
 *
 * @param skipsInARow steps that may be skipped one after the other
 * @param skips that may be in all
 * @param skipped steps before this gang's first
 * @param limits of the loss
 * @param driftEvery after so many steps the ranks' weights are compared, 0 for never
 */
public record HealthRule(
    int skipsInARow, long skips, long skipped, LossLimits limits, long driftEvery)
    implements Serializable {
  /** Of a gang that goes on when so many steps have been skipped. */
  public HealthRule after(long skippedBefore) {
    return new HealthRule(skipsInARow, skips, skippedBefore, limits, driftEvery);
  }

  /** Whether weights are compared after so many steps. */
  boolean comparesAfter(long steps) {
    return driftEvery > 0 && steps % driftEvery == 0;
  }
}
