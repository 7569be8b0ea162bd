package org.backdraft.data;

import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;

/** A rank's leaves of the global batches of an epoch; the last one may be short. */
final class EpochBatches implements BatchSequence {
  private final int[] order;
  private final int globalBatch;
  private final Leaves leaves;
  private final LeafRange range;
  private final long steps;
  private long step;
  private int begin;
  private int size;
  private int globalSize;

  EpochBatches(
      int[] order, int globalBatch, Leaves leaves, LeafRange range, long fromStep, long steps) {
    this.order = order;
    this.globalBatch = globalBatch;
    this.leaves = leaves;
    this.range = range;
    this.steps = steps;
    step = fromStep - 1;
  }

  /** This rank's examples of a global batch of that size. */
  int localSize(int globalSize) {
    return leaves.begin(range.end(), globalSize) - leaves.begin(range.begin(), globalSize);
  }

  @Override
  public boolean advance() {
    if (++step >= steps) {
      return false;
    }
    int first = (int) (step * globalBatch);
    globalSize = Math.min(globalBatch, order.length - first);
    begin = first + leaves.begin(range.begin(), globalSize);
    size = localSize(globalSize);
    return true;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int globalSize() {
    return globalSize;
  }

  @Override
  public int exampleId(int i) {
    return order[begin + i];
  }
}
