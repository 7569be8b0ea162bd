package org.backdraft.scaling;

import java.util.Arrays;
import java.util.List;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.Checks;

/**
 * Records what the ranks of a gang exchange in a step of {@code sync.strategy=allreduce}: a
 * reduce-scatter for each bucket, the all-reduce of the tail, an all-gather for each bucket, the
 * last one first.
 */
final class StepRecorder {
  /**
   * Rounds and messages of all ranks that are still simulated: about 1.5 GB of tables, and a minute
   * or two.
   */
  static final long MOST_ENTRIES = 1L << 26;

  /** Ranks that tell, in the mean, what is to be expected of all. */
  private static final int FIRST_RANKS = 32;

  private final AllReduceAlgorithm algorithm;
  private final Leaves leaves;
  private final List<String> hosts;
  private final StepShape shape;
  private final float[] elements;

  StepRecorder(AllReduceAlgorithm algorithm, Leaves leaves, List<String> hosts, StepShape shape) {
    this.algorithm = algorithm;
    this.leaves = leaves;
    this.hosts = hosts;
    this.shape = shape;
    // Nobody looks into it: one array serves as all arrays of all ranks.
    elements = new float[Math.addExact(shape.parameters(), shape.tail())];
  }

  /**
   * What ranks exchange and own.
   *
   * @param owned the share of all parameters that a rank owns of the buckets from one on, that one
   *     included: by rank and bucket
   */
  record Recording(GangTables tables, double[][] owned) {
    /** The share of all parameters that a rank owns. */
    double ownedShare(int rank) {
      return owned[rank].length == 0 ? 0 : owned[rank][0];
    }
  }

  /**
   * Records all ranks.
   *
   * @throws IllegalArgumentException if the tables are too large
   */
  Recording record() {
    int worldSize = hosts.size();
    RankTable[] tables = new RankTable[worldSize];
    double[][] owned = new double[worldSize][shape.buckets().size()];
    long entries = 0;
    for (int rank = 0; rank < worldSize; rank++) {
      tables[rank] = new RankTable();
      record(rank, tables[rank], owned[rank]);
      entries += tables[rank].entries();
      if (rank + 1 >= Math.min(worldSize, FIRST_RANKS)) {
        check((long) ((double) entries * worldSize / (rank + 1)));
      }
    }
    return new Recording(new GangTables(tables), owned);
  }

  private void check(long entries) {
    Checks.argument(
        entries <= MOST_ENTRIES,
        "A step must have at most %d million rounds and messages to be simulated: %s of %d ranks"
            + " has %d million. Take fewer ranks, larger buckets, or a power of two of ranks with"
            + " halving-doubling.",
        MOST_ENTRIES / 1_000_000,
        algorithm.word(),
        hosts.size(),
        entries / 1_000_000);
  }

  private void record(int rank, RankTable table, double[] owned) {
    RankContext context = new RankContext(rank, hosts.size(), 0);
    RecordingTransport transport = new RecordingTransport(context, table);
    Collectives collectives = algorithm.create(transport, transport, shape.borders(), hosts);
    float[][] sums = new float[leaves.rangeOf(rank, hosts.size()).subtrees().size()][];
    Arrays.fill(sums, elements);
    List<StepShape.Bucket> buckets = shape.buckets();
    try {
      for (int k = 0; k < buckets.size(); k++) {
        table.enter(Gate.ready(k));
        collectives.reduceScatter(leaves, sums, buckets.get(k).begin(), buckets.get(k).end(), 0);
      }
      table.enter(Gate.passOver(buckets.size()));
      collectives.allReduce(leaves, sums, shape.parameters(), elements.length, 0);
      int ownedElements = 0;
      for (int k = buckets.size() - 1; k >= 0; k--) {
        int begin = buckets.get(k).begin();
        int end = buckets.get(k).end();
        ownedElements += collectives.owned(rank, begin, end).size();
        owned[k] = ownedElements / (double) shape.parameters();
        table.enter(Gate.updated(k, buckets.size()));
        collectives.allGather(elements, begin, end, 0);
      }
    } catch (CollectiveException e) {
      throw new AssertionError("A transport that records cannot fail.", e);
    }
  }
}
