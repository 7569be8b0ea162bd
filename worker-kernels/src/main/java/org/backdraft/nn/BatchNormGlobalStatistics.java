package org.backdraft.nn;

/**
 * The last of three operations between the two sides of a batch normalization over the global
 * batch: makes the constants that the output is made with. On the way back, where it is the first
 * of them, it adds up the gradients of bias and weight. Their batch sums are all that the input's
 * gradient needs of other examples; what is in {@link Pass#sums} is summed with the other
 * gradients.
 */
final class BatchNormGlobalStatistics implements Operation, BatchNormFold.Numbers {
  private static final int GROUP = BatchNormFold.GROUP;

  private final BatchNormMemory memory;
  private final BatchNormConstants constants;
  private final BatchNormBlocks blocks;
  private final BatchNormFold fold;
  private final int threads;
  private final int varianceBase;

  BatchNormGlobalStatistics(
      BatchNormMemory memory,
      BatchNormConstants constants,
      BatchNormFold fold,
      OperationContext context) {
    this.memory = memory;
    this.constants = constants;
    this.fold = fold;
    blocks = new BatchNormBlocks(memory);
    threads = context.threads();
    varianceBase = context.workspace(memory.lanes);
  }

  @Override
  public void prepare(Pass pass, int thread) {
    if (!pass.training()) {
      constants.putRunning(pass, thread);
    }
  }

  @Override
  public void forward(Pass pass, int thread) {
    if (!pass.training()) {
      return;
    }
    double rows = memory.globalRows(pass);
    int end = Share.end(memory.channels, thread, threads);
    for (int c = Share.begin(memory.channels, thread, threads); c < end; c++) {
      // Rounding may leave a little less than 0; NaN stays NaN.
      float variance = (float) Math.max(0, pass.batchSums(0)[c] / rows);
      pass.workspace()[varianceBase + c] = variance;
      constants.put(pass, 0, c, constants.mean(pass, 0, c), variance);
    }
  }

  /** The variance of a channel in this pass. */
  float variance(Pass pass, int c) {
    return pass.workspace()[varianceBase + c];
  }

  /** The mean, and the biased variance. */
  @Override
  public void statistics(Pass pass, float[] statistics) {
    for (int c = 0; c < memory.channels; c++) {
      constants.putStatistics(statistics, c, constants.mean(pass, 0, c), variance(pass, c));
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    fold.run(pass, thread, this);
  }

  /** Σ dy, and Σ dy · (x − mean) / √(var + ε). */
  @Override
  public void put(Pass pass, int leaf, int channel, int count, int at) {
    float[] workspace = pass.workspace();
    for (int c = 0; c < count; c++) {
      double inverse = constants.inverse(variance(pass, channel + c));
      workspace[at + c] = (float) blocks.first(pass, leaf, channel + c);
      workspace[at + GROUP + c] = (float) (blocks.second(pass, leaf, channel + c) * inverse);
    }
  }

  @Override
  public void take(Pass pass, int subtree, int channel, int count, int at) {
    float[] workspace = pass.workspace();
    float[] sums = pass.sums(subtree);
    System.arraycopy(workspace, at, sums, constants.shiftGradient() + channel, count);
    System.arraycopy(workspace, at + GROUP, sums, constants.scaleGradient() + channel, count);
    float[] batchSums = pass.batchSums(subtree);
    System.arraycopy(workspace, at, batchSums, channel, count);
    System.arraycopy(workspace, at + GROUP, batchSums, memory.channels + channel, count);
  }

  @Override
  public int batchSums(boolean backward) {
    return backward ? 2 * memory.channels : 0;
  }

  @Override
  public void update(float[] sum, float examples, float[] buffers) {
    constants.updateRunning(sum, examples, buffers);
  }

  @Override
  public Scope scope(boolean backward) {
    return Scope.BATCH;
  }
}
