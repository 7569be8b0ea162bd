package org.backdraft.nn;

import java.util.Arrays;
import java.util.List;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.NormalizationKernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.tensor.ParameterTable;

/**
 * Batch normalisation leaf by leaf. Work is dealt as pairs of a leaf and a group of 16 channels;
 * means, variances and the two gradient sums stay per leaf in the workspace until {@link #finish}
 * adds them over the tree.
 */
final class BatchNormOperation implements Operation {
  private static final int GROUP = Kernels.LANES;

  private final NormalizationKernels kernels;
  private final MatrixKernels adder;
  private final int threads;
  private final float epsilon;
  private final float momentum;
  private final List<LeafRange> subtrees;
  private final int leaves;
  private final int channels;
  private final int groups;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;
  private final ParameterTable.Entry scale;
  private final ParameterTable.Entry shift;
  private final ParameterTable.Entry runningMean;
  private final ParameterTable.Entry runningVariance;
  private final int statisticsBegin;
  private final int meanBase;
  private final int varianceBase;
  private final int dScaleBase;
  private final int dShiftBase;
  private final int stackBase;
  private final int stackFloats;

  BatchNormOperation(BatchNorm2d layer, OperationContext context) {
    kernels = context.kernels().normalization();
    adder = context.kernels().matrix();
    threads = context.threads();
    epsilon = layer.epsilon();
    momentum = layer.momentum();
    subtrees = context.subtrees();
    leaves = subtrees.get(subtrees.size() - 1).end();
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
    channels = output.layout().channels();
    groups = (channels + GROUP - 1) / GROUP;
    scale = context.parameter("weight");
    shift = context.parameter("bias");
    runningMean = context.buffer("running_mean");
    runningVariance = context.buffer("running_var");
    statisticsBegin = context.statisticsBegin();
    long perLeaf = (long) leaves * channels;
    meanBase = context.workspace(perLeaf);
    varianceBase = context.workspace(perLeaf);
    dScaleBase = context.workspace(perLeaf);
    dShiftBase = context.workspace(perLeaf);
    stackFloats = LeafStack.tiles(subtrees) * GROUP;
    stackBase = context.workspace((long) threads * stackFloats);
  }

  @Override
  public void forward(Pass pass, int thread) {
    if (!pass.training()) {
      int begin = Share.begin(pass.examples(), thread, threads);
      int end = Share.end(pass.examples(), thread, threads);
      float[] buffers = pass.buffers();
      normalize(
          pass,
          begin,
          end,
          0,
          channels,
          buffers,
          runningMean.begin(),
          buffers,
          runningVariance.begin());
      return;
    }
    float[] workspace = pass.workspace();
    int last = Share.end(leaves * groups, thread, threads);
    int item = Share.begin(leaves * groups, thread, threads);
    while (item < last) {
      int leaf = item / groups;
      int group = item % groups;
      int groupEnd = Math.min(groups, group + last - item);
      item += groupEnd - group;
      int begin = pass.leafBegin(leaf);
      int end = pass.leafBegin(leaf + 1);
      if (begin == end) {
        continue;
      }
      int channelBegin = group * GROUP;
      int channelEnd = Math.min(channels, groupEnd * GROUP);
      kernels.statistics(
          pass.array(input),
          input.base(begin),
          (end - begin) * input.layout().pixels(),
          input.layout().pitch(),
          channelBegin,
          channelEnd,
          workspace,
          meanBase + leaf * channels,
          workspace,
          varianceBase + leaf * channels);
      normalize(
          pass,
          begin,
          end,
          channelBegin,
          channelEnd,
          workspace,
          meanBase + leaf * channels,
          workspace,
          varianceBase + leaf * channels);
    }
  }

  private void normalize(
      Pass pass,
      int begin,
      int end,
      int channelBegin,
      int channelEnd,
      float[] means,
      int meansBase,
      float[] variances,
      int variancesBase) {
    kernels.normalize(
        pass.array(input),
        input.base(begin),
        (end - begin) * input.layout().pixels(),
        input.layout().pitch(),
        channelBegin,
        channelEnd,
        means,
        meansBase,
        variances,
        variancesBase,
        epsilon,
        pass.parameters(),
        scale.begin(),
        pass.parameters(),
        shift.begin(),
        pass.array(output),
        output.base(begin));
  }

  @Override
  public void backward(Pass pass, int thread) {
    float[] workspace = pass.workspace();
    int pixels = input.layout().pixels();
    int pitch = input.layout().pitch();
    int last = Share.end(leaves * groups, thread, threads);
    int item = Share.begin(leaves * groups, thread, threads);
    while (item < last) {
      int leaf = item / groups;
      int group = item % groups;
      int groupEnd = Math.min(groups, group + last - item);
      item += groupEnd - group;
      int begin = pass.leafBegin(leaf);
      int end = pass.leafBegin(leaf + 1);
      if (begin == end) {
        continue;
      }
      int channelBegin = group * GROUP;
      int channelEnd = Math.min(channels, groupEnd * GROUP);
      int row = leaf * channels;
      kernels.backwardSums(
          pass.array(input),
          input.base(begin),
          pass.array(outputGradient),
          outputGradient.base(begin),
          (end - begin) * pixels,
          pitch,
          channelBegin,
          channelEnd,
          workspace,
          meanBase + row,
          workspace,
          varianceBase + row,
          epsilon,
          workspace,
          dScaleBase + row,
          workspace,
          dShiftBase + row);
      if (inputGradient != null) {
        kernels.backward(
            pass.array(input),
            input.base(begin),
            pass.array(outputGradient),
            outputGradient.base(begin),
            (end - begin) * pixels,
            pitch,
            channelBegin,
            channelEnd,
            workspace,
            meanBase + row,
            workspace,
            varianceBase + row,
            epsilon,
            pass.parameters(),
            scale.begin(),
            workspace,
            dScaleBase + row,
            workspace,
            dShiftBase + row,
            pass.array(inputGradient),
            inputGradient.base(begin));
      }
    }
  }

  @Override
  public void finish(Pass pass, int thread) {
    int end = Share.end(groups, thread, threads);
    for (int group = Share.begin(groups, thread, threads); group < end; group++) {
      fold(pass, thread, group, dScaleBase, Weighting.NONE, scale.begin());
      fold(pass, thread, group, dShiftBase, Weighting.NONE, shift.begin());
      int mean = statisticsBegin + runningMean.begin();
      fold(pass, thread, group, meanBase, Weighting.EXAMPLES, mean);
      int variance = statisticsBegin + runningVariance.begin();
      fold(pass, thread, group, varianceBase, Weighting.EXAMPLES_UNBIASED, variance);
    }
  }

  /** What a leaf's value is multiplied by before it is added to those of other leaves. */
  private enum Weighting {
    NONE,
    EXAMPLES,
    EXAMPLES_UNBIASED
  }

  private void fold(
      Pass pass, int thread, int group, int leafBase, Weighting weighting, int sumBegin) {
    float[] workspace = pass.workspace();
    int base = stackBase + thread * stackFloats;
    int first = group * GROUP;
    int columns = Math.min(GROUP, channels - first);
    for (int s = 0; s < subtrees.size(); s++) {
      LeafRange subtree = subtrees.get(s);
      int depth = 0;
      for (int leaf = subtree.begin(); leaf < subtree.end(); leaf++) {
        int top = base + depth * GROUP;
        Arrays.fill(workspace, top, top + GROUP, 0);
        int examples = pass.leafBegin(leaf + 1) - pass.leafBegin(leaf);
        if (examples > 0) {
          int from = leafBase + leaf * channels + first;
          double factor = factor(weighting, examples);
          for (int c = 0; c < columns; c++) {
            workspace[top + c] = (float) (workspace[from + c] * factor);
          }
        }
        depth = LeafStack.fold(adder, workspace, base, GROUP, depth + 1, leaf - subtree.begin());
      }
      System.arraycopy(workspace, base, pass.sums(s), sumBegin + first, columns);
    }
  }

  private double factor(Weighting weighting, int examples) {
    double rows = (double) examples * output.layout().pixels();
    return switch (weighting) {
      case NONE -> 1;
      case EXAMPLES -> examples;
      // A single row has no unbiased variance; its biased one is 0, and so is the product.
      case EXAMPLES_UNBIASED -> rows == 1 ? examples : examples * (rows / (rows - 1));
    };
  }

  @Override
  public void update(float[] sum, float examples, float[] buffers) {
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

  @Override
  public boolean examplesAlone(boolean backward) {
    return false;
  }
}
