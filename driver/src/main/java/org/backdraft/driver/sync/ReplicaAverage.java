package org.backdraft.driver.sync;

import java.util.Arrays;
import java.util.List;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.ElementRange;
import org.backdraft.comm.RankContext;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;

/**
 * Weighted means of arrays over the ranks of a gang: each rank brings its array times its weight,
 * owners add them in the order of a fixed tree over ranks, and all get the same bits.
 *
 * <p>The tree is that of {@link Leaves}, with as many leaves as the first power of two that is not
 * below the number of ranks; a rank brings what it has in its first node and zeros in the other.
 *
 * <p><b>Cost</b> per rank: a reduce-scatter and an all-gather. <b>Threads</b>: that of the
 * collectives.
 */
final class ReplicaAverage {
  private final Collectives collectives;
  private final int rank;
  private final Leaves tree;
  private final float[][] nodes;

  /**
   * @param scratch overwritten by each call; at least as long as the longest array
   */
  ReplicaAverage(Collectives collectives, RankContext ranks, float[] scratch) {
    this.collectives = collectives;
    rank = ranks.rank();
    tree = tree(ranks.worldSize());
    nodes = new float[nodes(ranks).size()][];
    nodes[0] = scratch;
    for (int i = 1; i < nodes.length; i++) {
      nodes[i] = new float[scratch.length];
    }
  }

  private static Leaves tree(int worldSize) {
    return new Leaves(Integer.highestOneBit(Math.max(1, 2 * worldSize - 1)));
  }

  private static List<LeafRange> nodes(RankContext ranks) {
    int worldSize = ranks.worldSize();
    return tree(worldSize).rangeOf(ranks.rank(), worldSize).subtrees();
  }

  /** How many arrays of the scratch's length a rank of such a gang allocates at most. */
  static int arrays(int worldSize) {
    int most = 0;
    for (int rank = 0; rank < worldSize; rank++) {
      most = Math.max(most, nodes(new RankContext(rank, worldSize, 0)).size() - 1);
    }
    return most;
  }

  /**
   * Sums over all ranks, with the same bits on all.
   *
   * @param values overwritten in {@code [0, length)} by the sums
   */
  void sum(float[] values, int length, long step) throws CollectiveException {
    System.arraycopy(values, 0, nodes[0], 0, length);
    clearOthers(length);
    collectives.allReduce(tree, nodes, 0, length, step);
    System.arraycopy(nodes[0], 0, values, 0, length);
  }

  /**
   * The weighted mean: {@code values[i]} becomes Σ weight·values[i] over the ranks, whose weights
   * add up to 1.
   */
  void mean(float[] values, float weight, long step) throws CollectiveException {
    float[] mine = nodes[0];
    for (int i = 0; i < values.length; i++) {
      mine[i] = weight * values[i];
    }
    ElementRange owned = reduce(values.length, step);
    System.arraycopy(mine, owned.begin(), values, owned.begin(), owned.size());
    collectives.allGather(values, 0, values.length, step);
  }

  /**
   * The weighted mean of what ranks have moved since they were equal: {@code values[i]} becomes
   * {@code anchor[i]} + Σ weight·(values[i] − anchor[i]). More exact than {@link #mean}, and what
   * no rank has moved keeps its bits.
   *
   * @param anchor where all ranks were; becomes {@code values}
   */
  void mean(float[] values, float[] anchor, float weight, long step) throws CollectiveException {
    float[] mine = nodes[0];
    for (int i = 0; i < values.length; i++) {
      mine[i] = weight * (values[i] - anchor[i]);
    }
    ElementRange owned = reduce(values.length, step);
    for (int i = owned.begin(); i < owned.end(); i++) {
      values[i] = anchor[i] + mine[i];
    }
    collectives.allGather(values, 0, values.length, step);
    System.arraycopy(values, 0, anchor, 0, values.length);
  }

  private ElementRange reduce(int length, long step) throws CollectiveException {
    clearOthers(length);
    collectives.reduceScatter(tree, nodes, 0, length, step);
    return collectives.owned(rank, 0, length);
  }

  private void clearOthers(int length) {
    for (int i = 1; i < nodes.length; i++) {
      Arrays.fill(nodes[i], 0, length, 0);
    }
  }
}
