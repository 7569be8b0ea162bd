package org.backdraft.driver;

import org.backdraft.driver.sync.SharedTable;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Network;

/**
 * What a parameter server takes of the heaps.
 *
 * @param workerBytes of each worker, with the shard beside it
 * @param driverBytes of all shards in the driver's JVM, or of its copies of those beside workers
 * @param shards how many there are in all
 */
public record TableMemory(long workerBytes, long driverBytes, int shards) {
  /** Of a table beside workers that take leases: the last copy, and the next as it comes. */
  private static final long COPIES = 2;

  /** Without a parameter server. */
  static final TableMemory NONE = new TableMemory(0, 0, 0);

  /**
   * That of a run.
   *
   * @param slots state arrays of the optimiser
   */
  static TableMemory of(Network network, Leaves leaves, SyncSpec sync, int workers, int slots) {
    if (sync.strategy() != SyncSpec.Strategy.PARAMETER_SERVER) {
      return NONE;
    }
    SharedTable table = SharedTable.of(network, leaves, sync, workers);
    long shardBytes = table.shardBytes(slots);
    long copies = sync.isLeased() ? COPIES * Float.BYTES * (1L + slots) * table.plan().size() : 0;
    return sync.placement() == SyncSpec.Placement.EXECUTORS
        ? new TableMemory(table.clientBytes() + shardBytes, copies, sync.shards())
        : new TableMemory(table.clientBytes(), sync.shards() * shardBytes, sync.shards());
  }
}
