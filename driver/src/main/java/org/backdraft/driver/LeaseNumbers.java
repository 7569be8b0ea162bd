package org.backdraft.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a training by leases knows of itself, among its running numbers.
 *
 * @param updates by block of the table: how many it has had; empty where there was no table
 * @param redone leases that came back from a worker that was computing them
 * @param lost pushes that a shard had accepted and that went with it
 */
record LeaseNumbers(List<Long> updates, long redone, long lost) {
  private static final String UPDATES = "lease_updates";
  private static final String REDONE = "leases_redone";
  private static final String LOST = "lost_updates";

  /** Of a training that has none. */
  static final LeaseNumbers NONE = new LeaseNumbers(List.of(), 0, 0);

  LeaseNumbers {
    updates = List.copyOf(updates);
  }

  /** The same with what another driver has seen since. */
  LeaseNumbers and(long redoneSince, long lostSince) {
    return new LeaseNumbers(updates, redone + redoneSince, lost + lostSince);
  }

  /** The same when blocks have had so many updates. */
  LeaseNumbers at(List<Long> updatesNow) {
    return new LeaseNumbers(updatesNow, redone, lost);
  }

  /** Puts in what there is. */
  void putInto(Map<String, Object> map) {
    if (!updates.isEmpty()) {
      map.put(UPDATES, updates);
      map.put(REDONE, redone);
      map.put(LOST, lost);
    }
  }

  /**
   * What {@link #putInto} has put in.
   *
   * @throws IllegalArgumentException if a part of it is missing
   */
  static LeaseNumbers of(Map<String, Object> map) {
    Object updates = map.get(UPDATES);
    if (updates == null) {
      return NONE;
    }
    if (!(updates instanceof List<?> list)) {
      throw new IllegalArgumentException(
          "'%s' must be a list of numbers: got %s.".formatted(UPDATES, updates));
    }
    List<Long> numbers = new ArrayList<>();
    for (Object each : list) {
      numbers.add(ProgressCounts.number(UPDATES, each).longValue());
    }
    return new LeaseNumbers(
        numbers,
        ProgressCounts.number(map, REDONE).longValue(),
        ProgressCounts.number(map, LOST).longValue());
  }
}
