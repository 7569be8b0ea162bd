package org.backdraft.driver;

import org.backdraft.driver.config.CheckpointConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.sync.SharedTable;
import org.backdraft.driver.sync.StateLayout;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Network;
import org.backdraft.optim.ImplicitSgd;
import org.backdraft.optim.ProximalStep;
import org.backdraft.optim.QuasiNewtonSearch;
import org.backdraft.optim.SearchRule;
import org.backdraft.tensor.ParameterBlocks;

/**
 * What agreeing takes of the heaps, beside plans: shards and copies of a parameter server's table,
 * gradients that error feedback owes, replicas that are averaged, states that are saved, weights of
 * the best epoch.
 *
 * @param workerBytes of each worker, with the shard beside it
 * @param driverBytes of all shards in the driver's JVM, of its copies of those beside workers, or
 *     of states
 * @param shards how many there are in all
 */
public record SyncMemory(long workerBytes, long driverBytes, int shards) {
  /** Of a table beside workers that take leases: the last copy, and the next as it comes. */
  private static final long COPIES = 2;

  /** States of a gang in the driver. */
  private static final long STATES = 3;

  /** Weights of best epochs in the driver. */
  private static final long BEST = 3;

  /** Where nothing is kept. */
  static final SyncMemory NONE = new SyncMemory(0, 0, 0);

  /**
   * That of a run.
   *
   * @param slots state arrays of the optimiser
   */
  static SyncMemory of(Network network, Leaves leaves, SyncSpec sync, int workers, int slots) {
    if (sync.strategy() != SyncSpec.Strategy.PARAMETER_SERVER) {
      long parameters = network.parameterTable().size();
      return new SyncMemory(Float.BYTES * parameters * sync.workerArrays(workers), 0, 0);
    }
    SharedTable table = SharedTable.of(network, leaves, sync, workers);
    long shardBytes = table.shardBytes(slots);
    long copies = sync.isLeased() ? COPIES * Float.BYTES * (1L + slots) * table.plan().size() : 0;
    return sync.placement() == SyncSpec.Placement.EXECUTORS
        ? new SyncMemory(table.clientBytes() + shardBytes, copies, sync.shards())
        : new SyncMemory(table.clientBytes(), sync.shards() * shardBytes, sync.shards());
  }

  /**
   * What checkpoints take: a copy of what a worker sends, twice where it comes from the shard
   * beside it, and in the driver a state as it comes, one that waits and one that is written, and
   * copies of the shards that are there.
   *
   * @param saving when there are any, {@linkplain CheckpointConfig#of of} the strategy
   * @param layout of the arrays of a state
   * @param owned the most elements of each that a worker keeps
   */
  static SyncMemory ofCheckpoints(
      CheckpointConfig saving, Network network, SyncSpec sync, StateLayout layout, int owned) {
    if (saving.isNever()) {
      return NONE;
    }
    long parameters = network.parameterTable().size();
    long model = parameters + network.bufferTable().size();
    if (sync.isLeased()) { // from copies of the table, which are there or are made shard by shard
      long shard = sync.isKeptByDriver() ? (model + layout.optimizer() * parameters) : 0;
      return new SyncMemory(
          0, Float.BYTES * (STATES * (model + layout.total() * parameters) + shard), 0);
    }
    long dealt = layout.optimizer();
    long snapshot =
        sync.shards() > 0
            ? (model + dealt * parameters) / sync.shards() + 2 * dealt * ParameterBlocks.SIZE
            : 0;
    long whole = (layout.average() + layout.search() + layout.perRank()) * parameters;
    boolean isBeside = !sync.isKeptByDriver();
    return new SyncMemory(
        Float.BYTES * (model + dealt * owned + whole + (isBeside ? 2 * snapshot : 0)),
        Float.BYTES
            * (STATES * (model + layout.total() * parameters)
                + (isBeside ? 0 : 2 * snapshot * sync.shards())),
        0);
  }

  /**
   * What each worker has whole: an average of the parameters, what a search, or an implicit step,
   * keeps.
   */
  static SyncMemory ofCopies(TrainingConfig config, Network network) {
    long arrays = config.train().average().isNone() ? 0 : 1;
    if (config.optimizer().rule() instanceof SearchRule rule) {
      arrays += QuasiNewtonSearch.arrays(rule, network.parameterTable().size());
    }
    if (config.optimizer().rule() instanceof ImplicitSgd) {
      arrays += ProximalStep.arrays();
    }
    return new SyncMemory(Float.BYTES * arrays * network.parameterTable().size(), 0, 0);
  }

  /**
   * What early stopping takes of the driver: the weights of the best epoch, those of another one as
   * they come, and those of checkpoints that are being written.
   */
  static SyncMemory ofBest(TrainingConfig config, Network network) {
    long model = (long) network.parameterTable().size() + network.bufferTable().size();
    long kept = config.earlyStopping().keepsWeights() ? BEST : 0;
    return new SyncMemory(0, kept * Float.BYTES * model, 0);
  }

  /** Both together. */
  SyncMemory and(SyncMemory other) {
    return new SyncMemory(
        workerBytes + other.workerBytes, driverBytes + other.driverBytes, shards + other.shards);
  }
}
