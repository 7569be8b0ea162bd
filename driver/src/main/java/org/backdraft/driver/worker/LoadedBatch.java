package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import org.backdraft.data.BatchLoader;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.plan.Batch;
import org.backdraft.plan.LocalBatch;

/**
 * A rank's examples of one step after the other, each piece as the loader has it ready. Used by one
 * thread.
 */
final class LoadedBatch implements LocalBatch {
  private final BatchLoader loader;
  private final Leaves leaves;
  private final LeafRange range;
  private final Duration timeout;
  private Batch batch;
  private int number;

  /**
   * @param range the rank's leaves
   * @param timeout of a piece
   */
  LoadedBatch(BatchLoader loader, Leaves leaves, LeafRange range, Duration timeout) {
    this.loader = loader;
    this.leaves = leaves;
    this.range = range;
    this.timeout = timeout;
  }

  /** Waits for the first piece of the next step; {@link #end} is called after the step. */
  void begin() throws IOException, InterruptedException {
    number = 0;
    batch = next();
  }

  private Batch next() throws IOException, InterruptedException {
    Batch next = loader.next(timeout);
    if (next == null) {
      throw new IOException("The loader must give all batches of an epoch: it ended too early.");
    }
    return next;
  }

  @Override
  public int size() {
    return leaves.begin(range.end(), globalSize()) - leaves.begin(range.begin(), globalSize());
  }

  @Override
  public int globalSize() {
    return batch.globalSize();
  }

  @Override
  public Batch piece(int wanted) throws IOException, InterruptedException {
    if (wanted == number + 1) {
      loader.release(batch);
      batch = next();
      number = wanted;
    }
    if (wanted != number) {
      throw new IllegalStateException(
          "Pieces must be asked for in order: %d is at hand, asked was %d."
              .formatted(number, wanted));
    }
    return batch;
  }

  /** Gives the last piece back. */
  void end() {
    loader.release(batch);
  }
}
