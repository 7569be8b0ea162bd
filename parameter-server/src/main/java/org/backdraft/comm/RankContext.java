package org.backdraft.comm;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * Who this process is in a gang of workers.
 *
 * @param rank in [0, worldSize)
 * @param worldSize number of workers
 * @param attempt number of the gang's try, from 0; messages of an older one are refused
 */
public record RankContext(int rank, int worldSize, int attempt) implements Serializable {
  public RankContext {
    Checks.argument(
        worldSize >= 1 && rank >= 0 && rank < worldSize && attempt >= 0,
        "A rank must lie in [0, worldSize) and an attempt be >= 0: got rank %d of %d, attempt %d.",
        rank,
        worldSize,
        attempt);
  }
}
