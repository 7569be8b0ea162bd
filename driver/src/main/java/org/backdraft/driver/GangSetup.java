package org.backdraft.driver;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.data.DataSource;
import org.backdraft.data.Decoder;
import org.backdraft.data.Normalization;
import org.backdraft.driver.config.SyncConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.driver.worker.LeaseSpec;
import org.backdraft.driver.worker.ModelSpec;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.Leaves;

/** What every gang needs, whether it trains or evaluates. */
final class GangSetup {
  private GangSetup() {}

  /**
   * The kernels of the driver's JVM, which plans are made with.
   *
   * @throws ConfigurationException if those that are asked for by name cannot run
   */
  static Kernels kernels() {
    try {
      return KernelLookup.choose().kernels();
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new ConfigurationException(e.getMessage(), e);
    }
  }

  /**
   * @throws ConfigurationException if there are more workers than leaves
   */
  static void workersAndLeaves(Cluster.Placement placement, Leaves leaves) {
    int workers = placement.workers();
    ConfigurationException.require(
        workers <= leaves.count(),
        "There must be at most as many workers as leaves (%d): got %d workers. Set"
            + " train.leaves=%d, or --workers %d.",
        leaves.count(),
        workers,
        Integer.highestOneBit(Math.max(1, 2 * workers - 1)),
        leaves.count());
  }

  /**
   * How many parts a batch is computed in by different workers.
   *
   * @param workers in the gang
   */
  static int parts(TrainingConfig config, SyncSpec sync, int workers) {
    return sync.isLeased() ? leases(config, workers).perBatch() : workers;
  }

  /**
   * @param workers in the gang
   * @throws ConfigurationException if what a worker computes at a time, its part of a batch or a
   *     lease, has fewer leaves than pieces are asked for
   */
  static void piecesAndLeaves(TrainingConfig config, SyncSpec sync, int workers) {
    int pieces = config.train().accumulate();
    int leaves = config.leaves().count();
    int parts = parts(config, sync, workers);
    int fewest = leaves / parts;
    int enough = Integer.highestOneBit(2 * Math.max(1, pieces * parts) - 1);
    ConfigurationException.require(
        pieces <= fewest,
        "train.accumulate must be at most the number of leaves of each %s (%d, of %d over %d): got"
            + " %d. Set train.accumulate=%d%s.",
        sync.isLeased() ? "lease" : "worker",
        fewest,
        leaves,
        parts,
        pieces,
        fewest,
        enough <= Leaves.MAX ? ", or train.leaves=" + enough + ", which changes the result" : "");
  }

  /** How work is cut for workers that take it as they can. */
  static LeaseSpec leases(TrainingConfig config, int workers) {
    return config.sync().leases().spec(workers, config.leaves());
  }

  /** The bytes of a set's record blocks, as they lie in memory. */
  static long encodedBytes(DataSource source) {
    return (long) source.examples() * (source.bytesPerExample() + 16L);
  }

  /** The decoder of a set; its means may come from the cached data. */
  static Decoder decoder(Normalization normalization, DataSource source, Cluster.CachedData cached)
      throws IOException {
    try {
      return normalization.decoder(source.format(), cached::channelSums);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(e.getMessage(), e);
    }
  }

  /** The address of a gang whose control server is still to be opened. */
  static GangAddress draft(Cluster cluster, Credentials credentials, SyncConfig sync) {
    Cluster.Placement placement = cluster.placement();
    return new GangAddress(
        placement.driverHost(),
        0,
        credentials,
        GangSecurity.tls(sync, cluster.encryption()),
        placement.workers(),
        sync.connections(),
        Duration.ofSeconds(sync.timeoutSeconds()).toMillis(),
        Duration.ofSeconds(sync.stepTimeoutSeconds()).toMillis(),
        cluster.registrationTimeout().toMillis());
  }

  static Attempt.Rules rules(
      GangAddress gang,
      ModelSpec model,
      int firstEpoch,
      PeerTable.Shards shards,
      boolean keepsState) {
    return new Attempt.Rules(
        gang.credentials().attempt(),
        model.leaves(),
        firstEpoch,
        Duration.ofMillis(gang.silenceTimeoutMillis()),
        Duration.ofMillis(gang.registrationTimeoutMillis()),
        shards,
        keepsState);
  }

  /** Runs an attempt; its checked exceptions are those of data and interruption. */
  static Attempt.Outcome run(
      Attempt attempt, GangAddress draft, Function<GangAddress, WorkerTask> tasks, StartState start)
      throws IOException, InterruptedException {
    try {
      return attempt.run(draft, tasks, start);
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("An attempt failed in an unexpected way.", e);
    }
  }
}
