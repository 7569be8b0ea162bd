package org.backdraft.nn;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.RowPattern;
import org.backdraft.leaf.LeafRange;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;

/**
 * The sums of a convolution's gradients of its parameters by {@link Patches}: a number of the
 * output's gradient times a patch is a row of the filter's gradient. Behind each patch stands a
 * one: what it is multiplied by adds up to the bias's gradient.
 *
 * <p>Gradients are small where runs are short. So threads share out leaves, each of which has a
 * gradient of its own until {@link #finish} adds them over the tree. The order of every sum is that
 * of {@link WeightGradient}.
 */
final class PatchGradient implements Operation {
  /** Output channels that are dealt to a thread at once. */
  private static final int GRAIN = 8;

  private final MatrixKernels kernels;
  private final int threads;
  private final Patches patches;
  private final int patchBase;
  private final Slot outputGradient;
  private final RowPattern gradientRows;
  private final Function<Pass, float[]> source;
  private final int sourceBase;
  private final int sourceSize;
  private final ParameterTable.Entry weight;
  private final ParameterTable.Entry bias;
  private final int taps;
  private final int out;
  private final int grains;
  private final int panels;

  /** The gradient of each leaf: rows of a panel are output channels. */
  private final int leafBase;

  private final int leafFloats;
  private final int stackBase;
  private final int stackFloats;

  /**
   * @param pattern of the convolution's rows
   * @param source the array that it is about, example 0 at {@code sourceBase}
   * @param sourceSize floats of an example
   * @param taps of the window
   * @param bias null for none
   */
  PatchGradient(
      OperationContext context,
      RowPattern pattern,
      Function<Pass, float[]> source,
      int sourceBase,
      int sourceSize,
      int taps,
      ParameterTable.Entry weight,
      ParameterTable.Entry bias) {
    kernels = context.kernels().matrix();
    threads = context.threads();
    this.source = source;
    this.sourceBase = sourceBase;
    this.sourceSize = sourceSize;
    this.taps = taps;
    this.weight = weight;
    this.bias = bias;
    outputGradient = context.outputGradient();
    out = outputGradient.layout().channels();
    grains = (out + GRAIN - 1) / GRAIN;
    patches = new Patches(kernels, pattern, bias == null ? 0 : 1);
    patchBase = context.workspace((long) threads * patches.floats());
    panels = patches.pitch() / Kernels.LANES;
    gradientRows =
        RowPattern.uniform(
            RowPattern.multiples(pattern.rows(), outputGradient.layout().pitch()),
            new int[] {0},
            out,
            0);
    leafFloats = out * patches.pitch();
    int leaves = context.subtrees().stream().mapToInt(LeafRange::size).sum();
    leafBase = context.workspace((long) leaves * leafFloats);
    stackFloats = LeafStack.tiles(context.subtrees()) * leafFloats;
    stackBase = context.workspace((long) threads * stackFloats);
  }

  /**
   * Whether it is less work than a {@link WeightGradient}, which pads each run to a grain, and
   * output channels to whole panels.
   */
  static boolean pays(RowPattern pattern, int out) {
    if (pattern.terms() == null || pattern.taps() == 1 || pattern.depth() > Kernels.LANES) {
      return false;
    }
    int padded = (pattern.depth() + GRAIN - 1) / GRAIN * GRAIN;
    long byWeights = (long) pattern.taps() * padded * ActivationLayout.roundUpToLanes(out);
    long byPatches = (long) ActivationLayout.roundUpToLanes(pattern.taps() * pattern.depth()) * out;
    return 5 * byWeights > 7 * byPatches;
  }

  @Override
  public void backward(Pass pass, int thread) {
    List<LeafRange> subtrees = pass.subtrees();
    int units = subtrees.get(subtrees.size() - 1).end() * grains;
    int end = Share.end(units, thread, threads);
    for (int unit = Share.begin(units, thread, threads); unit < end; ) {
      int grain = unit % grains;
      int count = Math.min(grains - grain, end - unit);
      addLeaf(pass, thread, unit / grains, grain * GRAIN, Math.min(out, (grain + count) * GRAIN));
      unit += count;
    }
  }

  /** The gradient of one leaf for output channels {@code [outBegin, outEnd)}. */
  private void addLeaf(Pass pass, int thread, int leaf, int outBegin, int outEnd) {
    float[] workspace = pass.workspace();
    int patch = patchBase + thread * patches.floats();
    int sums = leafBase + leaf * leafFloats;
    int first = pass.leafBegin(leaf);
    int last = pass.leafBegin(leaf + 1);
    for (int panel = 0; first == last && panel < panels; panel++) {
      int at = sums + panel * out * Kernels.LANES;
      Arrays.fill(workspace, at + outBegin * Kernels.LANES, at + outEnd * Kernels.LANES, 0);
    }
    for (int e = first; e < last; e++) {
      int rowEnd;
      for (int row = 0; row < gradientRows.rows(); row = rowEnd) {
        rowEnd = patches.blockEnd(row);
        patches.copy(
            row, rowEnd, source.apply(pass), sourceBase + e * sourceSize, workspace, patch);
        for (int m = 0; bias != null && m < rowEnd - row; m++) {
          workspace[patch + m * patches.pitch() + patches.terms()] = 1f;
        }
        kernels.accumulateOuter(
            gradientRows,
            row,
            rowEnd,
            outBegin,
            outEnd,
            pass.array(outputGradient),
            outputGradient.base(e),
            workspace,
            patch - row * patches.pitch(),
            patches.pitch(),
            0,
            panels,
            workspace,
            sums + outBegin * Kernels.LANES,
            out * Kernels.LANES,
            e == first && row == 0);
      }
    }
  }

  /** Adds leaves over the tree; a thread's share is a part of each leaf's gradient. */
  @Override
  public void finish(Pass pass, int thread) {
    int begin = Share.begin(panels * out, thread, threads);
    int end = Share.end(panels * out, thread, threads);
    int length = (end - begin) * Kernels.LANES;
    float[] stack = pass.workspace();
    int base = stackBase + thread * stackFloats;
    List<LeafRange> subtrees = pass.subtrees();
    for (int s = 0; s < subtrees.size() && length > 0; s++) {
      LeafRange subtree = subtrees.get(s);
      int depth = 0;
      for (int leaf = subtree.begin(); leaf < subtree.end(); leaf++) {
        int from = leafBase + leaf * leafFloats + begin * Kernels.LANES;
        System.arraycopy(stack, from, stack, base + depth * length, length);
        depth = LeafStack.fold(kernels, stack, base, length, depth + 1, leaf - subtree.begin());
      }
      for (int row = begin; row < end; row++) {
        write(stack, base + (row - begin) * Kernels.LANES, row, pass.sums(s));
      }
    }
  }

  /** Takes a panel's row to its logical places. */
  private void write(float[] stack, int at, int row, float[] sums) {
    int channel = row % out;
    int inputs = patches.terms() / taps;
    int to = weight.begin() + channel * patches.terms();
    int first = row / out * Kernels.LANES;
    int terms = Math.min(Kernels.LANES, patches.terms() - first);
    for (int lane = 0; lane < terms; lane++) {
      int term = first + lane;
      sums[to + term % inputs * taps + term / inputs] = stack[at + lane];
    }
    if (bias != null && patches.terms() - first >= 0 && patches.terms() - first < Kernels.LANES) {
      sums[bias.begin() + channel] = stack[at + patches.terms() - first];
    }
  }

  @Override
  public boolean finishes() {
    return true;
  }

  @Override
  public Scope scope(boolean backward) {
    return backward ? Scope.SUMS : Scope.NOTHING;
  }
}
