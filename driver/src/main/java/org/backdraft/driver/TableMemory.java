package org.backdraft.driver;

import org.backdraft.driver.sync.SharedTable;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Network;

/**
 * What a parameter server takes of the heaps.
 *
 * @param workerBytes of each worker, with the shard beside it
 * @param driverBytes of all shards in the driver's JVM
 * @param shards how many there are in all
 */
public record TableMemory(long workerBytes, long driverBytes, int shards) {
  /** Without a parameter server. */
  static final TableMemory NONE = new TableMemory(0, 0, 0);

  /**
   * That of a run.
   *
   * @param slots state arrays of the optimiser
   */
  static TableMemory of(Network network, Leaves leaves, SyncSpec sync, int workers, int slots) {
    if (sync.strategy() == SyncSpec.Strategy.ALL_REDUCE) {
      return NONE;
    }
    SharedTable table = SharedTable.of(network, leaves, sync, workers);
    long shardBytes = table.shardBytes(slots);
    return sync.placement() == SyncSpec.Placement.EXECUTORS
        ? new TableMemory(table.clientBytes() + shardBytes, 0, sync.shards())
        : new TableMemory(table.clientBytes(), sync.shards() * shardBytes, sync.shards());
  }
}
