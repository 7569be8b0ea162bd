package org.backdraft.leaf;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * The number of leaves that each global batch is cut into: the fixed units of summation that make
 * results independent of workers, threads and hardware.
 *
 * <p>Leaf i of a batch of n examples holds examples ⌊i·n/V⌋ … ⌊(i+1)·n/V⌋ − 1. Every sum over
 * examples is a chain inside a leaf; leaf sums are added over the binary tree whose node over
 * leaves {@code [a, a + 2s)}, a a multiple of 2s, is the node {@code [a, a + s)} plus the node
 * {@code [a + s, a + 2s)}. An empty leaf contributes +0.
 *
 * @param count V, a power of two in [1, {@value #MAX}]
 */
public record Leaves(int count) implements Serializable {
  /** The most leaves that a batch may have, and so the most workers. */
  public static final int MAX = 4096;

  private static final int MOST_BY_DEFAULT = 1024;

  public Leaves {
    Checks.argument(
        count >= 1 && count <= MAX && Integer.bitCount(count) == 1,
        "train.leaves must be a power of two in [1, %d]: got %d.",
        MAX,
        count);
  }

  /** The largest power of two V ≤ 1024 with at least 16 examples a leaf, else 1. */
  public static Leaves defaultFor(int globalBatchSize) {
    int most = Math.min(MOST_BY_DEFAULT, Math.max(1, globalBatchSize / 16));
    return new Leaves(Integer.highestOneBit(most));
  }

  /** The first example of {@code leaf} (in [0, V]) in a batch of {@code examples}. */
  public int begin(int leaf, int examples) {
    return (int) ((long) leaf * examples / count);
  }

  /** The leaves that {@code rank} holds: a contiguous run ⌊rank·V/N⌋ … ⌊(rank+1)·V/N⌋ − 1. */
  public LeafRange rangeOf(int rank, int worldSize) {
    Checks.argument(
        worldSize >= 1 && worldSize <= count,
        "There must be at most as many workers as leaves (%d): got %d workers. Set train.leaves=%d.",
        count,
        worldSize,
        Integer.highestOneBit(Math.max(1, 2 * worldSize - 1)));
    Checks.argument(rank >= 0 && rank < worldSize, "No rank %d of %d.", rank, worldSize);
    return new LeafRange(
        (int) ((long) rank * count / worldSize), (int) ((rank + 1L) * count / worldSize));
  }
}
