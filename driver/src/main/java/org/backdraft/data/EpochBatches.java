package org.backdraft.data;

import java.util.List;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;

/** A rank's leaves of the global batches of an epoch, piece by piece; the last one may be short. */
final class EpochBatches implements BatchSequence {
  private final int epoch;
  private final int[] order;
  private final int globalBatch;
  private final Leaves leaves;
  private final List<LeafRange> pieces;
  private final long steps;
  private long step;
  private int piece;
  private int globalSize;

  /**
   * @param pieces of the rank's leaves, without a gap between them
   */
  EpochBatches(
      int epoch,
      int[] order,
      int globalBatch,
      Leaves leaves,
      List<LeafRange> pieces,
      long fromStep,
      long steps) {
    this.epoch = epoch;
    this.order = order;
    this.globalBatch = globalBatch;
    this.leaves = leaves;
    this.pieces = List.copyOf(pieces);
    this.steps = steps;
    step = fromStep - 1;
    piece = pieces.size() - 1;
  }

  /** The examples of the largest piece of a global batch of that size. */
  int mostExamples(int globalSize) {
    int most = 0;
    for (LeafRange each : pieces) {
      most =
          Math.max(
              most, leaves.begin(each.end(), globalSize) - leaves.begin(each.begin(), globalSize));
    }
    return most;
  }

  @Override
  public boolean advance() {
    piece++;
    if (piece == pieces.size()) {
      piece = 0;
      step++;
    }
    if (step >= steps) {
      return false;
    }
    globalSize = (int) Math.min(globalBatch, order.length - step * globalBatch);
    return true;
  }

  /** Of the global batch the first example of the piece. */
  private int first() {
    return leaves.begin(pieces.get(piece).begin(), globalSize);
  }

  @Override
  public int begin() {
    return first() - leaves.begin(pieces.get(0).begin(), globalSize);
  }

  @Override
  public int epoch() {
    return epoch;
  }

  @Override
  public int size() {
    return leaves.begin(pieces.get(piece).end(), globalSize) - first();
  }

  @Override
  public int globalSize() {
    return globalSize;
  }

  @Override
  public long position() {
    return step * globalBatch + first();
  }

  @Override
  public int leaves() {
    return pieces.get(piece).size();
  }

  @Override
  public int leafBegin(int leaf) {
    return leaves.begin(pieces.get(piece).begin() + leaf, globalSize) - first();
  }

  @Override
  public int exampleId(int i) {
    return order[(int) position() + i];
  }
}
