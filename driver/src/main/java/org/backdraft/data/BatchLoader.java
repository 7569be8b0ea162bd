package org.backdraft.data;

import java.io.IOException;
import java.time.Duration;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;

/** Prepares a worker's batches ahead of need. */
@SuppressWarnings("DoNotCallSuggester")
public final class BatchLoader implements AutoCloseable {
  public BatchLoader(
      BlockStore store,
      BlockPlan blocks,
      Decoder decoder,
      Kernels kernels,
      ActivationLayout layout,
      int capacity) {
    throw new UnsupportedOperationException("in work");
  }

  /** Starts a rank's part of an epoch from its step {@code fromStep}, 0 for the first. */
  public void startEpoch(
      int[] order, int globalBatch, Leaves leaves, LeafRange range, long fromStep) {
    throw new UnsupportedOperationException("in work");
  }

  /** Starts examples {@code [begin, end)} in source order. */
  public void startRange(int begin, int end) {
    throw new UnsupportedOperationException("in work");
  }

  /** The next batch, null after the last. */
  public Batch next(Duration timeout) throws IOException, InterruptedException {
    throw new UnsupportedOperationException("in work");
  }

  /** Gives a batch back for another filling. */
  public void release(Batch batch) {
    throw new UnsupportedOperationException("in work");
  }

  @Override
  public void close() {}
}
