package org.backdraft.comm.algorithm;

import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.Checks;

/**
 * What a step's exchange costs, and how unevenly leaves are dealt, without running it: the formulas
 * of {@code docs/algorithms.md}. With N ranks, S = 4·n bytes to be summed, and s_r nodes of the
 * leaf tree at rank r (1 where N is a power of two), a rank sends
 *
 * <pre>
 *   S·s_r·(N−1)/N + S·(N−1)/N      exact: sums of nodes to their owners, then the results to all
 *   2·S·(N−1)/N                    ring: the least that is possible
 * </pre>
 *
 * @param sentBytes by the rank that sends most, in a reduce-scatter and an all-gather
 * @param leastBytes that any algorithm sends: that of a power of two, or of the ring
 * @param imbalance the longest run of leaves over the mean: how much longer the slowest rank's
 *     forward and backward pass take than with an even split; 1 for a power of two
 */
public record ExchangeCost(long sentBytes, long leastBytes, double imbalance) {
  /**
   * Of a gang whose ranks share no hosts. With hosts, {@link HierarchicalAllReduce} sends less over
   * the network; that depends on where the ranks are.
   *
   * @param elements n, that a step sums
   * @throws IllegalArgumentException if there are more ranks than leaves
   */
  public static ExchangeCost of(
      AllReduceAlgorithm algorithm, Leaves leaves, int worldSize, long elements) {
    Checks.argument(elements >= 0, "A step sums no fewer than 0 elements: got %d.", elements);
    int mostNodes = 1;
    int longestRun = 0;
    for (int rank = 0; rank < worldSize; rank++) {
      mostNodes = Math.max(mostNodes, leaves.rangeOf(rank, worldSize).subtrees().size());
      longestRun = Math.max(longestRun, leaves.rangeOf(rank, worldSize).size());
    }
    // A whole chunk more or less does not matter; the order of the factors keeps it in a long.
    long share = Math.multiplyExact(elements, Float.BYTES) / worldSize * (worldSize - 1);
    int times = algorithm.isExact() ? mostNodes + 1 : 2;
    return new ExchangeCost(
        Math.multiplyExact(share, times),
        2 * share,
        longestRun * (double) worldSize / leaves.count());
  }

  /** Bytes that the busiest rank sends beyond the least. */
  public long extraBytes() {
    return sentBytes - leastBytes;
  }
}
