package org.backdraft.driver;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.backdraft.driver.worker.WorkerTask;

/**
 * Workers of which one fails in each of the first attempts, when it comes to the batch that it
 * could not read.
 */
final class FailingRank implements ThreadCluster.Body {
  private final int rank;
  private final int[] batches;
  private final AtomicInteger attempts = new AtomicInteger();

  /**
   * @param batches by attempt: about how many batches the rank gets before it fails
   */
  FailingRank(int rank, int... batches) {
    this.rank = rank;
    this.batches = batches.clone();
  }

  @Override
  public void run(WorkerTask task, int mine) throws Exception {
    if (mine == rank && task instanceof WorkerTask.Train train) {
      int attempt = attempts.getAndIncrement();
      if (attempt < batches.length) {
        ThreadCluster.WORKER.run(failing(train, attempt), mine);
        return;
      }
    }
    ThreadCluster.WORKER.run(task, mine);
  }

  /** Blocks are asked for in the order of the batches, each once for a batch. */
  private WorkerTask failing(WorkerTask.Train train, int attempt) {
    int blocks = train.training().plan().blocks();
    int last = batches[attempt] * blocks * 2 / 3;
    return StagedBlocks.in(
        train,
        asked -> {
          if (asked >= last) {
            throw new IOException("the disk is on fire in attempt " + attempt);
          }
        });
  }
}
