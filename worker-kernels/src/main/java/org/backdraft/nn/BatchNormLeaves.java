package org.backdraft.nn;

import org.backdraft.kernel.Kernels;

/**
 * The middle of a batch normalization with statistics of leaves: makes each leaf's statistics, and
 * the two sums of its gradient, of those of its {@linkplain BatchNormBlocks blocks}; then adds
 * leaves over the tree. Work is dealt as pairs of a leaf and a group of 16 channels.
 */
final class BatchNormLeaves implements Operation {
  private static final int GROUP = Kernels.LANES;

  private final BatchNormMemory memory;
  private final BatchNormConstants constants;
  private final BatchNormBlocks blocks;
  private final BatchNormFold fold;
  private final BatchNormFold.Numbers gradients = new Gradients();
  private final BatchNormFold.Numbers statistics = new Statistics();
  private final int threads;
  private final int groups;
  private final int meanBase;
  private final int varianceBase;
  private final int scaleGradientBase;
  private final int shiftGradientBase;

  BatchNormLeaves(BatchNormMemory memory, BatchNormConstants constants, OperationContext context) {
    this.memory = memory;
    this.constants = constants;
    blocks = new BatchNormBlocks(memory);
    threads = context.threads();
    groups = (memory.channels + GROUP - 1) / GROUP;
    long floats = (long) memory.leaves * memory.lanes;
    meanBase = context.workspace(floats);
    varianceBase = context.workspace(floats);
    scaleGradientBase = context.workspace(floats);
    shiftGradientBase = context.workspace(floats);
    fold = new BatchNormFold(memory, context);
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
    int end = Share.end(memory.leaves * groups, thread, threads);
    for (int item = Share.begin(memory.leaves * groups, thread, threads); item < end; item++) {
      int leaf = item / groups;
      if (pass.leafBegin(leaf) < pass.leafBegin(leaf + 1)) {
        int first = item % groups * GROUP;
        for (int c = first; c < Math.min(memory.channels, first + GROUP); c++) {
          combineStatistics(pass, leaf, c);
        }
      }
    }
  }

  private void combineStatistics(Pass pass, int leaf, int c) {
    float[] workspace = pass.workspace();
    double rows = blocks.rows(pass, leaf);
    double mean = blocks.first(pass, leaf, c) / rows;
    double squares = blocks.squares(pass, leaf, c, mean);
    // Rounding may leave a little less than 0; NaN stays NaN.
    float variance = (float) Math.max(0, squares / rows);
    int at = leaf * memory.lanes + c;
    workspace[meanBase + at] = (float) mean;
    workspace[varianceBase + at] = variance;
    constants.put(pass, leaf, c, (float) mean, variance);
  }

  @Override
  public void backward(Pass pass, int thread) {
    int end = Share.end(memory.leaves * groups, thread, threads);
    for (int item = Share.begin(memory.leaves * groups, thread, threads); item < end; item++) {
      int leaf = item / groups;
      if (pass.leafBegin(leaf) < pass.leafBegin(leaf + 1)) {
        int first = item % groups * GROUP;
        for (int c = first; c < Math.min(memory.channels, first + GROUP); c++) {
          combineGradients(pass, leaf, c);
        }
      }
    }
  }

  /**
   * With g = Σ dy and h = Σ dy · (x − mean) over the n rows of a leaf and i = 1 / √(var + ε): the
   * bias gets g, the weight h · i, and {@code dx = weight · i · (dy − g / n − (x − mean) · i² · h /
   * n)}.
   */
  private void combineGradients(Pass pass, int leaf, int c) {
    float[] workspace = pass.workspace();
    double rows = blocks.rows(pass, leaf);
    double sum = blocks.first(pass, leaf, c);
    double products = blocks.second(pass, leaf, c);
    int at = leaf * memory.lanes + c;
    double inverse = constants.inverse(workspace[varianceBase + at]);
    workspace[shiftGradientBase + at] = (float) sum;
    workspace[scaleGradientBase + at] = (float) (products * inverse);
    double factor = constants.factor(pass, c, inverse);
    double slope = -factor * inverse * inverse * products / rows;
    constants.putGradient(pass, leaf, c, slope, -factor * sum / rows);
  }

  @Override
  public void finish(Pass pass, int thread) {
    fold.run(pass, thread, gradients);
    fold.run(pass, thread, statistics);
  }

  @Override
  public boolean finishes() {
    return true;
  }

  /** The gradients of weight and bias. */
  private final class Gradients implements BatchNormFold.Numbers {
    @Override
    public void put(Pass pass, int leaf, int channel, int count, int at) {
      float[] workspace = pass.workspace();
      int from = leaf * memory.lanes + channel;
      System.arraycopy(workspace, scaleGradientBase + from, workspace, at, count);
      System.arraycopy(workspace, shiftGradientBase + from, workspace, at + GROUP, count);
    }

    @Override
    public void take(Pass pass, int subtree, int channel, int count, int at) {
      float[] sums = pass.sums(subtree);
      float[] workspace = pass.workspace();
      System.arraycopy(workspace, at, sums, constants.scaleGradient() + channel, count);
      System.arraycopy(workspace, at + GROUP, sums, constants.shiftGradient() + channel, count);
    }
  }

  /** Means and unbiased variances, weighted by the leaf's examples. */
  private final class Statistics implements BatchNormFold.Numbers {
    @Override
    public void put(Pass pass, int leaf, int channel, int count, int at) {
      float[] workspace = pass.workspace();
      int from = leaf * memory.lanes + channel;
      int examples = pass.leafBegin(leaf + 1) - pass.leafBegin(leaf);
      double rows = blocks.rows(pass, leaf);
      // A single row has no unbiased variance; its biased one is 0, and so is the product.
      double weight = rows == 1 ? examples : examples * (rows / (rows - 1));
      for (int c = 0; c < count; c++) {
        workspace[at + c] = (float) (workspace[meanBase + from + c] * (double) examples);
        workspace[at + GROUP + c] = (float) (workspace[varianceBase + from + c] * weight);
      }
    }

    @Override
    public void take(Pass pass, int subtree, int channel, int count, int at) {
      float[] sums = pass.sums(subtree);
      float[] workspace = pass.workspace();
      System.arraycopy(workspace, at, sums, constants.meanStatistic() + channel, count);
      System.arraycopy(workspace, at + GROUP, sums, constants.varianceStatistic() + channel, count);
    }
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
