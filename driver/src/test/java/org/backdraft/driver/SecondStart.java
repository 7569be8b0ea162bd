package org.backdraft.driver;

import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.backdraft.driver.worker.WorkerTask;

/**
 * Has all other workers wait with their first block until the second start of one rank reads its
 * own, so that this start takes part however fast the others are.
 */
final class SecondStart {
  private static final long SECONDS = 30;

  private final int awaitedRank;
  private final CountDownLatch reads = new CountDownLatch(1);

  SecondStart(int awaitedRank) {
    this.awaitedRank = awaitedRank;
  }

  /** The task as that start of that rank is to see it; the first start's is the test's own. */
  WorkerTask.Leased in(WorkerTask.Leased task, int rank, int start) {
    if (rank != awaitedRank) {
      return StagedBlocks.in(task, asked -> await());
    }
    return start == 0 ? task : StagedBlocks.in(task, asked -> reads.countDown());
  }

  private void await() throws InterruptedIOException {
    try {
      if (!reads.await(SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("Rank " + awaitedRank + " must start again: it did not.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("told to stop");
    }
  }
}
