package org.backdraft.plan;

import java.io.IOException;

/**
 * The examples that one worker holds of one global batch: all at once, as a {@link Batch} does, or
 * piece by piece, so that memory is needed for a piece alone.
 *
 * <p>Used by one thread.
 */
public interface LocalBatch {
  /** Examples of all pieces together. */
  int size();

  /** Examples of the global batch. */
  int globalSize();

  /**
   * The batch that holds a piece; pieces are asked for in order. It stays as it is until the next
   * piece is asked for.
   *
   * @param number of the piece, in the order of {@link Plan#pieceLeaves}
   * @throws IOException if its examples cannot be had
   * @throws InterruptedException if the thread was told to stop while it waited for them
   */
  Batch piece(int number) throws IOException, InterruptedException;
}
