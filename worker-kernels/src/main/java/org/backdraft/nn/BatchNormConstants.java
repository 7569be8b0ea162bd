package org.backdraft.nn;

import static org.backdraft.kernel.NormalizationKernels.FACTOR;
import static org.backdraft.kernel.NormalizationKernels.MEAN;
import static org.backdraft.kernel.NormalizationKernels.OFFSET;
import static org.backdraft.kernel.NormalizationKernels.SHIFT;
import static org.backdraft.kernel.NormalizationKernels.SLOPE;

import org.backdraft.tensor.ParameterTable;

/** Makes the constants that the kernels turn a channel with, and keeps the running statistics. */
final class BatchNormConstants {
  private final BatchNormMemory memory;
  private final int threads;
  private final float epsilon;
  private final float momentum;
  private final ParameterTable.Entry scale;
  private final ParameterTable.Entry shift;
  private final ParameterTable.Entry runningMean;
  private final ParameterTable.Entry runningVariance;
  private final int statisticsBegin;

  BatchNormConstants(BatchNorm2d layer, BatchNormMemory memory, OperationContext context) {
    this.memory = memory;
    threads = context.threads();
    epsilon = layer.epsilon();
    momentum = layer.momentum();
    scale = context.parameter("weight");
    shift = context.parameter("bias");
    runningMean = context.buffer("running_mean");
    runningVariance = context.buffer("running_var");
    statisticsBegin = context.statisticsBegin();
  }

  /** Without training, the running statistics are those of all examples: they go to leaf 0. */
  void putRunning(Pass pass, int thread) {
    float[] buffers = pass.buffers();
    int end = Share.end(memory.channels, thread, threads);
    for (int c = Share.begin(memory.channels, thread, threads); c < end; c++) {
      put(pass, 0, c, buffers[runningMean.begin() + c], buffers[runningVariance.begin() + c]);
    }
  }

  /** The mean that {@link #put} or {@link #putMean} has put. */
  float mean(Pass pass, int leaf, int c) {
    return pass.workspace()[memory.constants(leaf) + MEAN * memory.lanes + c];
  }

  /** The mean alone. */
  void putMean(Pass pass, int leaf, int c, float mean) {
    pass.workspace()[memory.constants(leaf) + MEAN * memory.lanes + c] = mean;
  }

  /** What a channel of a leaf is normalized with. */
  void put(Pass pass, int leaf, int c, float mean, float variance) {
    float[] workspace = pass.workspace();
    float[] parameters = pass.parameters();
    int constants = memory.constants(leaf) + c;
    workspace[constants + MEAN * memory.lanes] = mean;
    workspace[constants + FACTOR * memory.lanes] = (float) factor(pass, c, inverse(variance));
    workspace[constants + SHIFT * memory.lanes] = parameters[shift.begin() + c];
  }

  /** What the gradient of a leaf's input is made with besides. */
  void putGradient(Pass pass, int leaf, int c, double slope, double offset) {
    float[] workspace = pass.workspace();
    int constants = memory.constants(leaf) + c;
    workspace[constants + SLOPE * memory.lanes] = (float) slope;
    workspace[constants + OFFSET * memory.lanes] = (float) offset;
  }

  /** {@code 1 / √(var + ε)}. */
  double inverse(float variance) {
    return 1 / Math.sqrt((double) variance + epsilon);
  }

  /** {@code weight / √(var + ε)}. */
  double factor(Pass pass, int c, double inverse) {
    return pass.parameters()[scale.begin() + c] * inverse;
  }

  /** Where the gradients of the weight go in {@link Pass#sums}. */
  int scaleGradient() {
    return scale.begin();
  }

  /** Where those of the bias go. */
  int shiftGradient() {
    return shift.begin();
  }

  /** Where means go in {@link Pass#sums}, multiplied by examples. */
  int meanStatistic() {
    return statisticsBegin + runningMean.begin();
  }

  /** Likewise unbiased variances. */
  int varianceStatistic() {
    return statisticsBegin + runningVariance.begin();
  }

  /** Writes statistics of a channel where the running ones lie. */
  void putStatistics(float[] buffers, int c, float mean, float variance) {
    buffers[runningMean.begin() + c] = mean;
    buffers[runningVariance.begin() + c] = variance;
  }

  /** See {@link Operation#update}. */
  void updateRunning(float[] sum, float examples, float[] buffers) {
    update(runningMean, sum, examples, buffers);
    update(runningVariance, sum, examples, buffers);
  }

  private void update(ParameterTable.Entry entry, float[] sum, float examples, float[] buffers) {
    float kept = 1 - momentum;
    for (int i = entry.begin(); i < entry.end(); i++) {
      float batch = sum[statisticsBegin + i] / examples;
      buffers[i] = kept * buffers[i] + momentum * batch;
    }
  }
}
