package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.worker.LeaseSpec;
import org.backdraft.leaf.Leaves;

/**
 * How work is handed out with {@code ssp} and {@code async}: the section {@code sync.leases}.
 *
 * @param perBatch leases of a global batch, a power of two; 0 for as many as workers, rounded up to
 *     one
 * @param seconds how long a worker may compute a lease before it is given up
 * @param snapshotEvery about how many leases each worker completes between two copies of shards
 *     that are beside workers
 */
public record LeaseConfig(
    @JsonProperty("per-batch") int perBatch,
    @JsonProperty("seconds") int seconds,
    @JsonProperty("snapshot-every") int snapshotEvery) {
  public LeaseConfig {
    require(
        perBatch >= 0
            && perBatch <= Leaves.MAX
            && (perBatch == 0 || Integer.bitCount(perBatch) == 1),
        "sync.leases.per-batch must be a power of two in [1, %d], or 0 for the default: got %d.",
        Leaves.MAX,
        perBatch);
    require(
        seconds >= 1 && seconds <= 3600,
        "sync.leases.seconds must lie in [1, 3600]: got %d.",
        seconds);
    require(
        snapshotEvery >= 1,
        "sync.leases.snapshot-every must be at least 1: got %d.",
        snapshotEvery);
  }

  /** As many leases as workers, a minute each. */
  public static LeaseConfig defaults() {
    return new LeaseConfig(0, 60, 50);
  }

  /**
   * What workers need to know of it.
   *
   * @throws ConfigurationException if there are more leases than leaves
   */
  public LeaseSpec spec(int workers, Leaves leaves) {
    int leases = perBatch > 0 ? perBatch : Integer.highestOneBit(Math.max(1, 2 * workers - 1));
    require(
        leases <= leaves.count(),
        "sync.leases.per-batch must be at most the number of leaves (%d): got %d. Set"
            + " train.leaves=%d.",
        leaves.count(),
        leases,
        leases);
    return new LeaseSpec(leases, 1000L * seconds);
  }
}
