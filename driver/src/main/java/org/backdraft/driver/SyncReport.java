package org.backdraft.driver;

import java.util.List;

/**
 * How the workers of a run kept together: what {@code summary.json} says of it.
 *
 * @param strategy as configured, and so are the next two
 * @param consistency {@code bsp} unless workers may drift apart
 * @param placement of the shards, empty without a parameter server
 * @param reproducible whether another run of the same configuration gives the same bits
 * @param restarts of single workers
 * @param leasesByWorker how many training leases each rank completed; empty where work is not
 *     leased
 * @param leasesRedone that came back from a worker that was computing them
 * @param lostUpdates pushes that a shard had accepted and that went with it
 * @param widestLead by how many leases a worker was ever ahead of the slowest one
 */
public record SyncReport(
    String strategy,
    String consistency,
    String placement,
    boolean reproducible,
    int restarts,
    List<Long> leasesByWorker,
    long leasesRedone,
    long lostUpdates,
    long widestLead) {
  public SyncReport {
    leasesByWorker = List.copyOf(leasesByWorker);
  }

  /** Training leases that were completed. */
  public long leases() {
    return leasesByWorker.stream().mapToLong(Long::longValue).sum();
  }

  /** Of a gang, whose ranks take every step together. */
  static SyncReport gang(String strategy, String placement) {
    return new SyncReport(strategy, "bsp", placement, true, 0, List.of(), 0, 0, 0);
  }
}
