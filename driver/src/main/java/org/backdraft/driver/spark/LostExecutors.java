package org.backdraft.driver.spark;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What Spark says of executors that it has lost: their number, and the different reasons as far as
 * a message has room. One that starts again and again is given more than one reason, and the first
 * of them is as a rule the telling one. Safe for all threads.
 */
final class LostExecutors {
  private static final int MOST_REASONS = 3;

  private final Set<String> reasons = new LinkedHashSet<>();
  private int count;

  synchronized void add(String reason) {
    count++;
    if (reasons.size() < MOST_REASONS) {
      reasons.add(reason);
    }
  }

  /** {@code 3 executor(s): reason; another reason}; empty where none was lost. */
  synchronized Optional<String> words() {
    return count == 0
        ? Optional.empty()
        : Optional.of(count + " executor(s): " + String.join("; ", reasons));
  }
}
