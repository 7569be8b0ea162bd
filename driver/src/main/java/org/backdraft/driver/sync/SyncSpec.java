package org.backdraft.driver.sync;

import java.io.Serializable;
import org.backdraft.comm.compression.Compression;
import org.backdraft.tensor.Checks;

/**
 * The strategy of a run; the same value for all ranks, shipped in Spark's task.
 *
 * @param strategy how ranks agree
 * @param compression of the gradients that ranks exchange
 * @param averageEvery steps between two averagings of replicas, 1 where ranks agree at each step
 * @param averageOptimizer whether the optimizer's state is averaged with them
 */
public record SyncSpec(
    Strategy strategy, Compression compression, int averageEvery, boolean averageOptimizer)
    implements Serializable {
  /** The kinds. */
  public enum Strategy {
    /** Gradients are summed over all ranks, and every rank updates. */
    ALL_REDUCE,
    /** Every rank updates by its own gradients; replicas are averaged now and then. */
    LOCAL_SGD
  }

  public SyncSpec {
    Checks.argument(
        strategy != Strategy.LOCAL_SGD || compression.isNone(),
        "Replicas that are averaged exchange no gradients to compress: got %s.",
        compression);
  }

  /** Exact all-reduce. */
  public static SyncSpec allReduce() {
    return new SyncSpec(Strategy.ALL_REDUCE, Compression.NONE, 1, false);
  }

  /**
   * How many arrays of the parameters' length a worker keeps, for an optimizer with {@code slots}
   * of them.
   */
  public int workerSlots(int slots, int worldSize) {
    return switch (strategy) {
      case ALL_REDUCE -> slots + (worldSize > 1 && compression.needsFeedback() ? 1 : 0);
      case LOCAL_SGD -> slots + LocalSgdSynchronizer.arrays(worldSize);
    };
  }
}
