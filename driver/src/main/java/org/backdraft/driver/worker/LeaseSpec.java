package org.backdraft.driver.worker;

import java.io.Serializable;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.plan.Plan;

/**
 * How work is cut for workers that take it as they can.
 *
 * @param perBatch leases of a global batch: a power of two, at most as many as leaves
 * @param computingMillis how long a worker may compute one
 */
public record LeaseSpec(int perBatch, long computingMillis) implements Serializable {
  /**
   * How long a worker waits for the parameters: for a slower worker that may take the time of a
   * lease, and for as long again until the driver has given that one up.
   */
  long pullMillis() {
    return 2 * computingMillis;
  }

  /** How long a worker may take until it computes: all that it waits for has a time limit. */
  public long waitingMillis() {
    return pullMillis() + Worker.BATCH_TIMEOUT.toMillis() + computingMillis;
  }

  /**
   * What the plan of a worker is made for. A lease is a subtree of the leaf tree, and a batch of
   * its own for the worker, whichever subtree it is.
   *
   * @param examples of the training set
   */
  public Plan.Request request(ModelSpec model, int examples) {
    int full = Math.min(model.globalBatch(), examples);
    int last = examples % model.globalBatch();
    int width = width(model.leaves());
    return new Plan.Request(
            model.network(),
            model.loss(),
            new Leaves(width),
            new LeafRange(0, width),
            Math.max(most(model.leaves(), full), most(model.leaves(), last)),
            model.threads(),
            0)
        .with(model.options());
  }

  /** Leaves of a lease. */
  private int width(Leaves leaves) {
    return leaves.count() / perBatch;
  }

  /** The most examples of a lease of a batch. */
  private int most(Leaves leaves, int batch) {
    int most = 0;
    for (int begin = 0; begin < leaves.count(); begin += width(leaves)) {
      int end = begin + width(leaves);
      most = Math.max(most, leaves.begin(end, batch) - leaves.begin(begin, batch));
    }
    return most;
  }
}
