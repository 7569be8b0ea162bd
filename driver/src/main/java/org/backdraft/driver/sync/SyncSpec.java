package org.backdraft.driver.sync;

import java.io.Serializable;
import org.backdraft.ps.Consistency;

/**
 * The strategy of a run; the same value for all ranks, shipped in Spark's task.
 *
 * @param strategy how ranks agree
 * @param consistency how far they may drift apart; {@code bsp} with an all-reduce
 * @param placement where shards are; {@code EXECUTORS} with an all-reduce
 * @param shards of the parameter server; 0 with an all-reduce
 * @param exchange how ranks sum in an all-reduce
 * @param bucketBytes the most gradients that an all-reduce sends at once, 0 for all of them
 */
public record SyncSpec(
    Strategy strategy,
    Consistency consistency,
    Placement placement,
    int shards,
    ExchangeSpec exchange,
    int bucketBytes)
    implements Serializable {
  /** The kinds. */
  public enum Strategy {
    /** Each rank sums, and updates, a part of the parameters. */
    ALL_REDUCE,
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

  /** All-reduce. */
  public static SyncSpec allReduce(ExchangeSpec exchange, int bucketBytes) {
    return new SyncSpec(
        Strategy.ALL_REDUCE,
        new Consistency(Consistency.Mode.BSP, 0),
        Placement.EXECUTORS,
        0,
        exchange,
        bucketBytes);
  }

  /** Whether workers take leases one by one, instead of steps together. */
  public boolean isLeased() {
    return consistency.mode() != Consistency.Mode.BSP;
  }

  /** How many state arrays a worker keeps for an optimiser that needs {@code slots}. */
  public int workerSlots(int slots) {
    return strategy == Strategy.ALL_REDUCE ? slots : 0;
  }
}
