package org.backdraft.driver.sync;

import java.io.Serializable;

/**
 * The strategy of a run; the same value for all ranks, shipped in Spark's task.
 *
 * @param strategy how ranks agree
 * @param exchange how they sum
 */
public record SyncSpec(Strategy strategy, ExchangeSpec exchange) implements Serializable {
  /** The kinds. */
  public enum Strategy {
    /** Gradients are summed over all ranks, and every rank updates. */
    ALL_REDUCE
  }
}
