package org.backdraft.driver.lease;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.driver.control.Lease;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.Checks;

/**
 * Cuts global batches, and the validation set, into leases: nodes of the leaf tree, all of the same
 * number of leaves. Gives each lease its id; used by one thread.
 */
public final class LeaseCut {
  private final Leaves leaves;
  private final int leasesPerBatch;
  private long nextId;

  /**
   * @param leasesPerBatch a power of two, at most as many as leaves
   */
  public LeaseCut(Leaves leaves, int leasesPerBatch) {
    Checks.argument(
        leasesPerBatch >= 1
            && leasesPerBatch <= leaves.count()
            && Integer.bitCount(leasesPerBatch) == 1,
        "The leases of a batch must be a power of two in [1, %d], the leaves: got %d.",
        leaves.count(),
        leasesPerBatch);
    this.leaves = leaves;
    this.leasesPerBatch = leasesPerBatch;
  }

  /**
   * The leases of a part of an epoch; those without examples are left out.
   *
   * @param examples of the epoch
   * @param globalBatch examples of a full batch
   * @param firstStep the first step of the epoch, counted in the run
   * @param begin the first of its steps that is wanted, from 0
   * @param end one past the last
   */
  public List<Lease> training(
      int epoch, int examples, int globalBatch, long firstStep, long begin, long end) {
    List<Lease> leases = new ArrayList<>();
    for (long i = begin; i < end; i++) {
      int size = (int) Math.min(globalBatch, examples - i * globalBatch);
      cut(Lease.Kind.TRAIN, epoch, firstStep + i, size, leases);
    }
    return leases;
  }

  /**
   * The leases of an evaluation.
   *
   * @param examples of the validation set
   * @param step how many steps are done
   */
  public List<Lease> evaluation(int epoch, int examples, long step) {
    List<Lease> leases = new ArrayList<>();
    cut(Lease.Kind.EVALUATE, epoch, step, examples, leases);
    return leases;
  }

  private void cut(Lease.Kind kind, int epoch, long step, int examples, List<Lease> leases) {
    int width = leaves.count() / leasesPerBatch;
    for (int begin = 0; begin < leaves.count(); begin += width) {
      int end = begin + width;
      if (leaves.begin(begin, examples) < leaves.begin(end, examples)) {
        leases.add(new Lease(nextId++, kind, epoch, step, new LeafRange(begin, end)));
      }
    }
  }
}
