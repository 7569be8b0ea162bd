package org.backdraft.nn;

/**
 * The second of three operations between the two sides of a batch normalization over the global
 * batch: takes the mean, and adds up the squares about it, whose batch sums are the variance times
 * the rows. They are a round of their own, since those of x² would lose what a large mean swallows.
 */
final class BatchNormGlobalVariance implements Operation, BatchNormFold.Numbers {
  private static final int GROUP = BatchNormFold.GROUP;

  private final BatchNormMemory memory;
  private final BatchNormConstants constants;
  private final BatchNormBlocks blocks;
  private final BatchNormFold fold;

  BatchNormGlobalVariance(
      BatchNormMemory memory, BatchNormConstants constants, BatchNormFold fold) {
    this.memory = memory;
    this.constants = constants;
    this.fold = fold;
    blocks = new BatchNormBlocks(memory);
  }

  @Override
  public void forward(Pass pass, int thread) {
    if (!pass.training()) {
      return;
    }
    double rows = memory.globalRows(pass);
    // Of the channels that this thread folds, since their batch sums are overwritten then.
    for (int c = fold.begin(thread); c < fold.end(thread); c++) {
      constants.putMean(pass, 0, c, (float) (pass.batchSums(0)[c] / rows));
    }
    fold.run(pass, thread, this);
  }

  /** The squares, and what they add to the unbiased variance times the examples. */
  @Override
  public void put(Pass pass, int leaf, int channel, int count, int at) {
    float[] workspace = pass.workspace();
    double rows = memory.globalRows(pass);
    // A single row has no unbiased variance; its squares are 0, and so is the product.
    double unbiased = rows == 1 ? 1 : rows / (rows - 1);
    for (int c = 0; c < count; c++) {
      float mean = constants.mean(pass, 0, channel + c);
      double squares = blocks.squares(pass, leaf, channel + c, mean);
      workspace[at + c] = (float) squares;
      workspace[at + GROUP + c] = (float) (squares * unbiased / memory.pixels);
    }
  }

  @Override
  public void take(Pass pass, int subtree, int channel, int count, int at) {
    float[] workspace = pass.workspace();
    System.arraycopy(workspace, at, pass.batchSums(subtree), channel, count);
    int variance = constants.varianceStatistic() + channel;
    System.arraycopy(workspace, at + GROUP, pass.sums(subtree), variance, count);
  }

  @Override
  public int batchSums(boolean backward) {
    return backward ? 0 : memory.channels;
  }

  @Override
  public Scope scope(boolean backward) {
    return backward ? Scope.NOTHING : Scope.BATCH;
  }
}
