package org.backdraft.driver;

import java.util.List;

/**
 * What happened among the workers of a run, for {@code summary.json}.
 *
 * @param restarts of single workers, or of all together
 * @param leasesByWorker how many training leases each rank completed; empty where work is not
 *     leased
 * @param leasesRedone that came back from a worker that was computing them
 * @param lostUpdates pushes that a shard had accepted and that went with it
 * @param pushedBytesByWorker to the shards by completed leases; empty where work is not leased
 * @param widestLead by how many leases a worker was ever ahead of the slowest one
 */
public record SyncReport(
    int restarts,
    List<Long> leasesByWorker,
    long leasesRedone,
    long lostUpdates,
    List<Long> pushedBytesByWorker,
    long widestLead) {
  /** Of a gang, whose ranks take every step together, and start again together. */
  static SyncReport ofGang(int restarts) {
    return new SyncReport(restarts, List.of(), 0, 0, List.of(), 0);
  }

  public SyncReport {
    leasesByWorker = List.copyOf(leasesByWorker);
    pushedBytesByWorker = List.copyOf(pushedBytesByWorker);
  }

  /** Training leases that were completed. */
  public long leases() {
    return leasesByWorker.stream().mapToLong(Long::longValue).sum();
  }
}
