package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import org.backdraft.data.BatchLoader;
import org.backdraft.data.EpochOrder;
import org.backdraft.plan.Batch;
import org.backdraft.plan.Plan;
import org.backdraft.plan.PooledStatistics;
import org.backdraft.plan.Replica;

/**
 * Estimates the statistics of batch normalizations anew, from the inputs of a set alone (Li, Wang,
 * Shi, Liu and Hou 2016, <em>Revisiting batch normalization for practical domain adaptation</em>):
 * one forward pass in shuffled batches, each normalized by its own statistics, which are pooled
 * over all examples. Of the first batch normalization of a network these are those of the whole
 * set.
 */
final class Reestimation {
  private final Replica replica;
  private final BatchLoader loader;
  private final ModelSpec model;
  private final Duration timeout;

  /**
   * @param replica of all leaves, whose running statistics are replaced
   * @param timeout of a batch
   */
  Reestimation(Replica replica, BatchLoader loader, ModelSpec model, Duration timeout) {
    this.replica = replica;
    this.loader = loader;
    this.model = model;
    this.timeout = timeout;
  }

  void run(int examples) throws IOException, InterruptedException {
    Plan.Request request = replica.plan().request();
    PooledStatistics pooled = new PooledStatistics(replica.plan().bufferTable());
    loader.startEpoch(
        0,
        EpochOrder.of(model.start().seed(), 0, examples, true),
        Math.min(model.globalBatch(), examples),
        request.leaves(),
        request.leafRange(),
        0);
    for (Batch batch = loader.next(timeout); batch != null; batch = loader.next(timeout)) {
      pooled.add(replica, batch);
      loader.release(batch);
      if (Thread.interrupted()) {
        throw new InterruptedException("Told to stop while statistics were estimated.");
      }
    }
    pooled.copyTo(replica.buffers());
  }
}
