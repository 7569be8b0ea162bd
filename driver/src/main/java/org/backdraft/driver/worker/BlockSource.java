package org.backdraft.driver.worker;

import java.io.IOException;
import java.io.Serializable;
import org.backdraft.data.BlockStore;

/** A handle on record blocks that travels in a task. */
public interface BlockSource extends Serializable {
  /**
   * Opens the blocks on a worker.
   *
   * @param cacheBytes that the store may keep at hand
   */
  BlockStore open(long cacheBytes) throws IOException;
}
