package org.backdraft.comm.probe;

import java.util.List;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;

/** What rank 0 tells all ranks during a probe, and what they tell each other. */
final class Steering {
  private final Collectives collectives;
  private final Leaves leaves;
  private final int subtrees;
  private final float[] word = new float[1];

  Steering(Collectives collectives, Leaves leaves, int rank, int worldSize) {
    this.collectives = collectives;
    this.leaves = leaves;
    List<LeafRange> nodes = leaves.rangeOf(rank, worldSize).subtrees();
    subtrees = nodes.size();
  }

  /** The arrays that this rank brings to a sum of {@code elements}. */
  float[][] zeros(int elements) {
    return new float[subtrees][elements];
  }

  void barrier() throws CollectiveException {
    collectives.barrier(0);
  }

  /** Rank 0's number, on every rank; whole numbers up to 2^24 come as they are. */
  float fromRankZero(float value) throws CollectiveException {
    word[0] = value;
    collectives.broadcast(0, word, 0, 1, 0);
    return word[0];
  }

  /** Whether rank 0 says yes. */
  boolean rankZeroSays(boolean yes) throws CollectiveException {
    return fromRankZero(yes ? 1 : 0) != 0;
  }

  /**
   * Fills a table of which each rank knows a part and holds zeros elsewhere.
   *
   * @param table the same length on all ranks
   */
  void share(float[] table) throws CollectiveException {
    float[][] sums = zeros(table.length);
    sums[0] = table;
    collectives.allReduce(leaves, sums, 0, table.length, 0);
  }
}
