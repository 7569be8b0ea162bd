package org.backdraft.jobs.options;

import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.leaf.Leaves;

/** What {@code --leaves} means, as {@code train.leaves} does. */
public final class LeavesOption {
  private LeavesOption() {}

  /**
   * @param count 0 for the default that follows from the batch
   * @throws ConfigurationException if it is no power of two in range
   */
  public static Leaves leaves(int count, int batch) {
    try {
      return count == 0 ? Leaves.defaultFor(batch) : new Leaves(count);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(e.getMessage(), e);
    }
  }
}
