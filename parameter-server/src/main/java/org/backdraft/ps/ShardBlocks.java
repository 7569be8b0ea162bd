package org.backdraft.ps;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.backdraft.tensor.Checks;

/** The blocks of a table that one shard owns. Guarded by the shard's lock. */
final class ShardBlocks {
  private final ShardPlan plan;
  private final Map<Integer, ShardedBlock> blocks = new TreeMap<>();

  /**
   * @param slots state arrays of the optimizer
   * @param nodes of the leaf tree that are summed
   */
  ShardBlocks(ShardPlan plan, int shard, int slots, int workers, int nodes) {
    this.plan = plan;
    for (int number = 0; number < plan.blocks(); number++) {
      if (plan.owner(number) == shard) {
        int begin = plan.begin(number);
        int length = plan.end(number) - begin;
        blocks.put(
            number,
            new ShardedBlock(number, begin, length, plan.rows(number), slots, workers, nodes));
      }
    }
  }

  /** All blocks by number, ascending. */
  Collection<ShardedBlock> all() {
    return blocks.values();
  }

  /** The block with that number, null if the shard does not own it. */
  ShardedBlock get(int number) {
    return blocks.get(number);
  }

  /** Takes the values of the blocks from an array of the whole table. */
  void start(float[] table) {
    Checks.argument(
        table.length == plan.size(),
        "Start values must be there for %d elements: got %d.",
        plan.size(),
        table.length);
    for (ShardedBlock block : all()) {
      System.arraycopy(table, block.begin, block.values, 0, block.values.length);
    }
  }

  /**
   * Takes over the blocks of all shards of an older table.
   *
   * @param workers that the snapshots must be of
   * @return by worker the steps it had completed
   * @throws IllegalArgumentException if they are not of one clock and an older epoch, or do not
   *     hold every block of this shard
   */
  long[] restore(Collection<ShardSnapshot> snapshots, int workers) {
    Map<Integer, ShardSnapshot.BlockImage> byBlock = new TreeMap<>();
    ShardSnapshot first = snapshots.iterator().next();
    for (ShardSnapshot snapshot : snapshots) {
      Checks.argument(
          snapshot.clock() == first.clock() && snapshot.epoch() < plan.epoch(),
          "Snapshots must be of one clock and of an epoch below %d: got clocks %d and %d, epoch %d.",
          plan.epoch(),
          first.clock(),
          snapshot.clock(),
          snapshot.epoch());
      Checks.argument(
          snapshot.clocks().length == workers,
          "A snapshot must be of %d workers: got %d.",
          workers,
          snapshot.clocks().length);
      for (ShardSnapshot.BlockImage image : snapshot.blocks()) {
        byBlock.put(image.block(), image);
      }
    }
    for (ShardedBlock block : all()) {
      ShardSnapshot.BlockImage image = byBlock.get(block.number);
      Checks.argument(
          image != null
              && image.values().length == block.values.length
              && image.state().length == block.state.length,
          "The snapshots must hold block %d with %d elements and %d slots of state: they do not.",
          block.number,
          block.values.length,
          block.state.length);
      block.restore(image);
    }
    // What shards had of the clocks may differ by what was on its way: the least is common to all.
    long[] common = first.clocks().clone();
    for (ShardSnapshot snapshot : snapshots) {
      for (int worker = 0; worker < common.length; worker++) {
        common[worker] = Math.min(common[worker], snapshot.clocks()[worker]);
      }
    }
    return common;
  }
}
