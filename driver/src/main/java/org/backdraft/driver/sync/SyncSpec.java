package org.backdraft.driver.sync;

import java.io.Serializable;
import org.backdraft.comm.compression.Compression;
import org.backdraft.ps.Consistency;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterBlocks;

/**
 * The strategy of a run; the same value for all ranks, shipped in Spark's task.
 *
 * @param strategy how ranks agree
 * @param consistency how far they may drift apart; {@code bsp} with an all-reduce
 * @param placement where shards are; {@code EXECUTORS} with an all-reduce
 * @param shards of the parameter server; 0 with an all-reduce
 * @param exchange how ranks sum in an all-reduce
 * @param bucketBytes the most gradients that an all-reduce sends at once, 0 for all of them
 * @param economy how ranks that talk to each other save bytes; of no effect with a server
 */
public record SyncSpec(
    Strategy strategy,
    Consistency consistency,
    Placement placement,
    int shards,
    ExchangeSpec exchange,
    int bucketBytes,
    Economy economy)
    implements Serializable {
  /** The kinds. */
  public enum Strategy {
    /** Each rank sums, and updates, a part of the parameters. */
    ALL_REDUCE,
    /** Every rank updates by its own gradients; replicas are averaged now and then. */
    LOCAL_SGD,
    /** Gradients go to shards, which update; every rank fetches the parameters from them. */
    PARAMETER_SERVER
  }

  /** Where the shards of a parameter server live. */
  public enum Placement {
    /** Shard s beside the worker of rank s. */
    EXECUTORS,
    /** All in the driver's JVM. */
    DRIVER
  }

  /**
   * Fewer bytes for less exactness.
   *
   * @param compression of the gradients that ranks exchange
   * @param averageEvery steps between two averagings of replicas, 1 where ranks agree at each step
   * @param averageOptimizer whether the optimizer's state is averaged with them
   */
  public record Economy(Compression compression, int averageEvery, boolean averageOptimizer)
      implements Serializable {
    /** Of what is exact. */
    public static final Economy NONE = new Economy(Compression.NONE, 1, false);
  }

  public SyncSpec {
    Checks.argument(
        strategy != Strategy.LOCAL_SGD || economy.compression().isNone(),
        "Replicas that are averaged exchange no gradients to compress: got %s.",
        economy.compression());
  }

  /** Whether workers take leases one by one, instead of steps together. */
  public boolean isLeased() {
    return consistency.mode() != Consistency.Mode.BSP;
  }

  /** Whether the driver keeps the optimizer's state of a gang. */
  public boolean isKeptByDriver() {
    return strategy == Strategy.PARAMETER_SERVER && placement == Placement.DRIVER;
  }

  /** How many state arrays a worker keeps for an optimizer that needs {@code slots}. */
  public int workerSlots(int slots) {
    return strategy == Strategy.PARAMETER_SERVER ? 0 : slots;
  }

  /** The length of each at most: the parameters that a worker updates. */
  public int ownedParameters(ParameterBlocks blocks, int worldSize) {
    int owners = strategy == Strategy.LOCAL_SGD ? 1 : worldSize;
    return Buckets.of(blocks, bucketBytes).mostOwned(owners);
  }

  /** How many arrays as long as all parameters a worker that talks to its peers keeps besides. */
  public int workerArrays(int worldSize) {
    return switch (strategy) {
      case ALL_REDUCE -> worldSize > 1 && economy.compression().needsFeedback() ? 1 : 0;
      case LOCAL_SGD -> LocalSgdSynchronizer.arrays(worldSize);
      case PARAMETER_SERVER -> 0;
    };
  }
}
