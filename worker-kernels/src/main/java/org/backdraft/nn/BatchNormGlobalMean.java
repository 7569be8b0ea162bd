package org.backdraft.nn;

/**
 * The first of three operations between the two sides of a batch normalization over the global
 * batch. On the way forward it adds up the inputs, whose batch sums are the mean times the rows; on
 * the way back, where it is the last of the three, it makes the constants of the input's gradient
 * of the batch sums that {@link BatchNormGlobalStatistics} has left.
 */
final class BatchNormGlobalMean implements Operation, BatchNormFold.Numbers {
  private static final int GROUP = BatchNormFold.GROUP;

  private final BatchNormMemory memory;
  private final BatchNormConstants constants;
  private final BatchNormBlocks blocks;
  private final BatchNormFold fold;
  private final BatchNormGlobalStatistics statistics;
  private final int threads;

  BatchNormGlobalMean(
      BatchNormMemory memory,
      BatchNormConstants constants,
      BatchNormFold fold,
      BatchNormGlobalStatistics statistics,
      OperationContext context) {
    this.memory = memory;
    this.constants = constants;
    this.fold = fold;
    this.statistics = statistics;
    blocks = new BatchNormBlocks(memory);
    threads = context.threads();
  }

  @Override
  public void forward(Pass pass, int thread) {
    if (pass.training()) {
      fold.run(pass, thread, this);
    }
  }

  /** The sum, and what it adds to the mean times the examples. */
  @Override
  public void put(Pass pass, int leaf, int channel, int count, int at) {
    float[] workspace = pass.workspace();
    for (int c = 0; c < count; c++) {
      double sum = blocks.first(pass, leaf, channel + c);
      workspace[at + c] = (float) sum;
      workspace[at + GROUP + c] = (float) (sum / memory.pixels);
    }
  }

  @Override
  public void take(Pass pass, int subtree, int channel, int count, int at) {
    float[] workspace = pass.workspace();
    System.arraycopy(workspace, at, pass.batchSums(subtree), channel, count);
    int mean = constants.meanStatistic() + channel;
    System.arraycopy(workspace, at + GROUP, pass.sums(subtree), mean, count);
  }

  /**
   * With g = Σ dy, i = 1 / √(var + ε) and h = Σ dy · (x − mean) · i over the n rows of the global
   * batch, the gradients of bias and weight: {@code dx = weight · i · (dy − g / n − (x − mean) · i
   * · h / n)}.
   */
  @Override
  public void backward(Pass pass, int thread) {
    double rows = memory.globalRows(pass);
    float[] sums = pass.batchSums(0);
    int end = Share.end(memory.channels, thread, threads);
    for (int c = Share.begin(memory.channels, thread, threads); c < end; c++) {
      double inverse = constants.inverse(statistics.variance(pass, c));
      double factor = constants.factor(pass, c, inverse);
      double slope = -factor * inverse * sums[memory.channels + c] / rows;
      constants.putGradient(pass, 0, c, slope, -factor * sums[c] / rows);
    }
  }

  @Override
  public int batchSums(boolean backward) {
    return backward ? 0 : memory.channels;
  }

  @Override
  public Scope scope(boolean backward) {
    return Scope.BATCH;
  }
}
