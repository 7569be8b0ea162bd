package org.backdraft.data;

import java.io.Closeable;
import java.io.IOException;

/**
 * Gives a worker the record blocks of a source, wherever they lie: at hand, else from their holder,
 * else read again from the source. Safe to use from several threads.
 */
public interface BlockStore extends Closeable {
  /**
   * The block of that index in [0, blocks); shared, so its arrays are never written.
   *
   * @throws IOException if the block cannot be had from anywhere
   */
  RecordBlock block(int index) throws IOException;

  /** Lets go of the blocks at hand. */
  @Override
  void close();
}
