package org.backdraft.plan;

import java.io.IOException;

/**
 * The other workers, as a training pass needs them whose batch normalizations take statistics over
 * the global batch: sums that must be known before the pass goes on. Called by the thread that runs
 * the pass, between its sections.
 */
@FunctionalInterface
public interface BatchSums {
  /** Of a worker that holds all leaves, whose tree is one node: there is nothing to add. */
  BatchSums ALONE = (sums, length, backward) -> {};

  /**
   * Adds over all leaves of the global batch. All workers enter it together, with the same length,
   * and equally often in a pass. In a backward pass it may have to wait for gradients that were
   * called final before, see {@link Plan#batchSumsBefore}.
   *
   * @param sums one array for each subtree of this worker's leaves, as {@link Replica#sums}; of the
   *     first one {@code [0, length)} holds the sums over all leaves afterwards, what the others
   *     hold is of no use
   * @param backward whether the backward pass needs them, else the forward pass
   * @throws IOException if a worker is lost or does not answer in time
   * @throws InterruptedException if the thread was told to stop
   */
  void add(float[][] sums, int length, boolean backward) throws IOException, InterruptedException;
}
