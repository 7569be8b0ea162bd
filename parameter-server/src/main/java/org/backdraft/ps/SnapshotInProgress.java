package org.backdraft.ps;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A snapshot whose blocks are copied as they come to its clock. Guarded by the shard's lock. */
final class SnapshotInProgress {
  final long clock;
  private final Map<Integer, ShardSnapshot.BlockImage> images = new TreeMap<>();
  private long[] workerClocks;

  /**
   * @param clocks of the workers now, which stand where there are no blocks
   */
  SnapshotInProgress(long clock, WorkerClocks clocks) {
    this.clock = clock;
    workerClocks = clocks.copy();
  }

  /** Copies the block, if that has not been done. */
  void take(ShardedBlock block, WorkerClocks clocks) {
    if (!images.containsKey(block.number)) {
      images.put(block.number, block.image());
      workerClocks = clocks.copy();
    }
  }

  boolean holdsAll(ShardBlocks blocks) {
    return images.size() == blocks.all().size();
  }

  ShardSnapshot snapshot(int epoch) {
    return new ShardSnapshot(epoch, clock, workerClocks, List.copyOf(images.values()));
  }
}
