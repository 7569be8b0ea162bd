package org.backdraft.ps;

import java.io.Serializable;
import java.util.List;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.Checks;

/**
 * What all shards of a table share.
 *
 * @param consistency how far workers may drift apart
 * @param workers how many push and pull
 * @param leaves how a global batch is cut; with {@code bsp} each worker pushes a sum for each of
 *     its {@link org.backdraft.leaf.LeafRange#subtrees}
 * @param totals how many elements are pushed beside every block
 * @param maxPendingBytes what a shard keeps of pushes that wait for others, beside one block's
 */
public record ShardSettings(
    Consistency consistency, int workers, Leaves leaves, int totals, long maxPendingBytes)
    implements Serializable {
  /** Room for pushes that wait unless told otherwise: 256 MiB. */
  public static final long DEFAULT_PENDING_BYTES = 256L << 20;

  public ShardSettings {
    Checks.argument(
        workers >= 1 && totals >= 0 && maxPendingBytes >= 0,
        "There must be a worker, and totals and pending bytes be >= 0: got %d, %d, %d.",
        workers,
        totals,
        maxPendingBytes);
  }

  /** The nodes of the leaf tree that a worker pushes sums of, with {@code bsp}. */
  List<LeafRange> subtrees(int worker) {
    return leaves.rangeOf(worker, workers).subtrees();
  }

  /** How many nodes all workers push, with {@code bsp}. */
  int nodes() {
    int nodes = 0;
    for (int worker = 0; worker < workers; worker++) {
      nodes += subtrees(worker).size();
    }
    return nodes;
  }
}
