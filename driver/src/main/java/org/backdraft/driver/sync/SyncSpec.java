package org.backdraft.driver.sync;

import java.io.Serializable;

/**
 * The strategy of a run; the same value for all ranks, shipped in Spark's task.
 *
 * @param strategy how ranks agree
 * @param exchange how they sum
 * @param bucketBytes the most gradients that an all-reduce sends at once, 0 for all of them
 */
public record SyncSpec(Strategy strategy, ExchangeSpec exchange, int bucketBytes)
    implements Serializable {
  /** The kinds. */
  public enum Strategy {
    /** Each rank sums, and updates, a part of the parameters. */
    ALL_REDUCE
  }
}
