package org.backdraft.jobs.bench;

import java.util.List;

/**
 * A value, parts of which were measured where the user gave none.
 *
 * @param measured the keys of these parts in a report
 */
record Measured<T>(T value, List<String> measured) {
  Measured {
    measured = List.copyOf(measured);
  }
}
