package org.backdraft.nn;

import static org.backdraft.kernel.NormalizationKernels.FACTOR;
import static org.backdraft.kernel.NormalizationKernels.MEAN;
import static org.backdraft.kernel.NormalizationKernels.OFFSET;
import static org.backdraft.kernel.NormalizationKernels.SHIFT;
import static org.backdraft.kernel.NormalizationKernels.SLOPE;

import java.util.Arrays;
import java.util.List;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.tensor.ParameterTable;

/**
 * The middle of a batch normalisation: makes each leaf's statistics, and the two sums of its
 * gradient, of those of its blocks, which are added in order in double; then adds leaves over the
 * tree. Work is dealt as pairs of a leaf and a group of 16 channels.
 *
 * <p>With a block's sum s, its squares q about its own mean m and the leaf's mean μ, the leaf's
 * squares are {@code Σ q + 2 (m − μ)(s − rows · m) + rows · (m − μ)²} (Chan, Golub and LeVeque
 * 1983, with a term for the rounding of m): one pass over memory, as accurate as two.
 */
final class BatchNormLeaves implements Operation {
  private static final int GROUP = Kernels.LANES;

  private final MatrixKernels adder;
  private final BatchNormMemory memory;
  private final int threads;
  private final float epsilon;
  private final float momentum;
  private final int groups;
  private final ParameterTable.Entry scale;
  private final ParameterTable.Entry shift;
  private final ParameterTable.Entry runningMean;
  private final ParameterTable.Entry runningVariance;
  private final int statisticsBegin;
  private final int stackBase;
  private final int stackFloats;

  BatchNormLeaves(BatchNorm2d layer, BatchNormMemory memory, OperationContext context) {
    this.memory = memory;
    adder = context.kernels().matrix();
    threads = context.threads();
    epsilon = layer.epsilon();
    momentum = layer.momentum();
    groups = (memory.channels + GROUP - 1) / GROUP;
    scale = context.parameter("weight");
    shift = context.parameter("bias");
    runningMean = context.buffer("running_mean");
    runningVariance = context.buffer("running_var");
    statisticsBegin = context.statisticsBegin();
    stackFloats = LeafStack.tiles(context.subtrees()) * GROUP;
    stackBase = context.workspace((long) threads * stackFloats);
  }

  /** Without training, the running statistics are those of all examples: they go to leaf 0. */
  @Override
  public void prepare(Pass pass, int thread) {
    if (pass.training()) {
      return;
    }
    float[] buffers = pass.buffers();
    int end = Share.end(memory.channels, thread, threads);
    for (int c = Share.begin(memory.channels, thread, threads); c < end; c++) {
      float variance = buffers[runningVariance.begin() + c];
      putConstants(pass, 0, c, buffers[runningMean.begin() + c], variance);
    }
  }

  private void putConstants(Pass pass, int leaf, int c, float mean, float variance) {
    float[] workspace = pass.workspace();
    float[] parameters = pass.parameters();
    int constants = memory.constants(leaf) + c;
    double factor = parameters[scale.begin() + c] * inverse(variance);
    workspace[constants + MEAN * memory.lanes] = mean;
    workspace[constants + FACTOR * memory.lanes] = (float) factor;
    workspace[constants + SHIFT * memory.lanes] = parameters[shift.begin() + c];
  }

  private double inverse(float variance) {
    return 1 / Math.sqrt((double) variance + epsilon);
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
    double rows = rows(pass, leaf);
    double mean = addBlocks(pass, leaf, c) / rows;
    double squares = 0;
    for (int e = pass.leafBegin(leaf); e < pass.leafBegin(leaf + 1); e++) {
      for (int block = 0; block < memory.blocks; block++) {
        int at = memory.block(e, block) + c;
        int blockRows = memory.rows(block);
        float sum = workspace[at];
        float center = sum / blockRows;
        double distance = center - mean;
        squares += workspace[at + memory.lanes];
        squares += 2 * distance * (sum - (double) blockRows * center);
        squares += blockRows * distance * distance;
      }
    }
    // Rounding may leave a little less than 0; NaN stays NaN.
    float variance = (float) Math.max(0, squares / rows);
    workspace[memory.means(leaf) + c] = (float) mean;
    workspace[memory.variances(leaf) + c] = variance;
    putConstants(pass, leaf, c, (float) mean, variance);
  }

  private double rows(Pass pass, int leaf) {
    return (double) (pass.leafBegin(leaf + 1) - pass.leafBegin(leaf)) * memory.pixels;
  }

  /**
   * Adds one of the two numbers of all blocks of a leaf.
   *
   * @param at the channel, plus {@link BatchNormMemory#lanes} for the second number
   */
  private double addBlocks(Pass pass, int leaf, int at) {
    float[] workspace = pass.workspace();
    int begin = memory.block(pass.leafBegin(leaf), 0);
    int end = memory.block(pass.leafBegin(leaf + 1), 0);
    double sum = 0;
    for (int block = begin; block < end; block += 2 * memory.lanes) {
      sum += workspace[block + at];
    }
    return sum;
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
    double rows = rows(pass, leaf);
    double sum = addBlocks(pass, leaf, c);
    double products = addBlocks(pass, leaf, memory.lanes + c);
    double inverse = inverse(workspace[memory.variances(leaf) + c]);
    workspace[memory.shiftGradients(leaf) + c] = (float) sum;
    workspace[memory.scaleGradients(leaf) + c] = (float) (products * inverse);
    double factor = pass.parameters()[scale.begin() + c] * inverse;
    int constants = memory.constants(leaf) + c;
    workspace[constants + SLOPE * memory.lanes] =
        (float) (-factor * inverse * inverse * products / rows);
    workspace[constants + OFFSET * memory.lanes] = (float) (-factor * sum / rows);
  }

  @Override
  public void finish(Pass pass, int thread) {
    int end = Share.end(groups, thread, threads);
    for (int group = Share.begin(groups, thread, threads); group < end; group++) {
      fold(pass, thread, group, memory.scaleGradients(0), Weighting.NONE, scale.begin());
      fold(pass, thread, group, memory.shiftGradients(0), Weighting.NONE, shift.begin());
      int mean = statisticsBegin + runningMean.begin();
      fold(pass, thread, group, memory.means(0), Weighting.EXAMPLES, mean);
      int variance = statisticsBegin + runningVariance.begin();
      fold(pass, thread, group, memory.variances(0), Weighting.EXAMPLES_UNBIASED, variance);
    }
  }

  @Override
  public boolean finishes() {
    return true;
  }

  /** What a leaf's value is multiplied by before it is added to those of other leaves. */
  private enum Weighting {
    NONE,
    EXAMPLES,
    EXAMPLES_UNBIASED
  }

  private void fold(
      Pass pass, int thread, int group, int leafBase, Weighting weighting, int sumBegin) {
    List<LeafRange> subtrees = pass.subtrees();
    float[] workspace = pass.workspace();
    int base = stackBase + thread * stackFloats;
    int first = group * GROUP;
    int columns = Math.min(GROUP, memory.channels - first);
    for (int s = 0; s < subtrees.size(); s++) {
      LeafRange subtree = subtrees.get(s);
      int depth = 0;
      for (int leaf = subtree.begin(); leaf < subtree.end(); leaf++) {
        int top = base + depth * GROUP;
        Arrays.fill(workspace, top, top + GROUP, 0);
        int examples = pass.leafBegin(leaf + 1) - pass.leafBegin(leaf);
        if (examples > 0) {
          int from = leafBase + leaf * memory.lanes + first;
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
    double rows = (double) examples * memory.pixels;
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
  public Scope scope(boolean backward) {
    return Scope.BATCH;
  }
}
