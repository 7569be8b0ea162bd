package org.backdraft.driver.worker;

import java.io.Serializable;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.Decoder;

/**
 * A data set as workers see it.
 *
 * @param cacheBytes of encoded blocks that a worker keeps at hand
 */
public record DataSpec(BlockSource blocks, BlockPlan plan, Decoder decoder, long cacheBytes)
    implements Serializable {
  public int examples() {
    return plan.examples();
  }
}
