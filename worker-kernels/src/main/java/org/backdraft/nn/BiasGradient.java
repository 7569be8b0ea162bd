package org.backdraft.nn;

import java.util.Arrays;
import java.util.List;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.leaf.LeafRange;

/**
 * The sum over examples of the output's gradient, one panel of channels at a time, in the order of
 * {@link WeightGradient}.
 */
final class BiasGradient {
  private final MatrixKernels kernels;
  private final int threads;
  private final RowSource source;
  private final Slot outputGradient;
  private final int channels;
  private final int panels;
  private final int sumBegin;
  private final int stackBase;
  private final int stackFloats;

  /**
   * @param sumBegin where the bias starts in the sums
   */
  BiasGradient(OperationContext context, RowSource source, int sumBegin) {
    this.kernels = context.kernels().matrix();
    this.threads = context.threads();
    this.source = source;
    this.outputGradient = context.outputGradient();
    this.channels = outputGradient.layout().channels();
    this.panels = (channels + Kernels.LANES - 1) / Kernels.LANES;
    this.sumBegin = sumBegin;
    stackFloats = LeafStack.tiles(context.subtrees()) * Kernels.LANES;
    stackBase = context.workspace((long) threads * stackFloats);
  }

  void run(Pass pass, int thread) {
    List<LeafRange> subtrees = pass.subtrees();
    float[] stack = pass.workspace();
    int base = stackBase + thread * stackFloats;
    int end = Share.end(panels, thread, threads);
    for (int panel = Share.begin(panels, thread, threads); panel < end; panel++) {
      int first = panel * Kernels.LANES;
      int columns = Math.min(Kernels.LANES, channels - first);
      for (int s = 0; s < subtrees.size(); s++) {
        LeafRange subtree = subtrees.get(s);
        int depth = 0;
        for (int leaf = subtree.begin(); leaf < subtree.end(); leaf++) {
          int top = base + depth * Kernels.LANES;
          Arrays.fill(stack, top, top + Kernels.LANES, 0);
          addLeaf(pass, leaf, first, top);
          depth =
              LeafStack.fold(
                  kernels, stack, base, Kernels.LANES, depth + 1, leaf - subtree.begin());
        }
        System.arraycopy(stack, base, pass.sums(s), sumBegin + first, columns);
      }
    }
  }

  private void addLeaf(Pass pass, int leaf, int firstColumn, int top) {
    int first = pass.leafBegin(leaf);
    int last = pass.leafBegin(leaf + 1);
    if (source == RowSource.EXAMPLES) {
      int pitch = outputGradient.layout().size();
      addRows(pass, outputGradient.base(first), last - first, pitch, firstColumn, top);
      return;
    }
    int pitch = outputGradient.layout().pitch();
    int pixels = outputGradient.layout().pixels();
    for (int e = first; e < last; e++) {
      addRows(pass, outputGradient.base(e), pixels, pitch, firstColumn, top);
    }
  }

  private void addRows(Pass pass, int base, int rows, int pitch, int firstColumn, int top) {
    for (int row = 0; row < rows; row += Kernels.BLOCK_ROWS) {
      kernels.accumulateRows(
          pass.array(outputGradient),
          base + row * pitch + firstColumn,
          Math.min(Kernels.BLOCK_ROWS, rows - row),
          pitch,
          // A whole panel: what padding lanes add up is not copied.
          Kernels.LANES,
          pass.workspace(),
          top);
    }
  }
}
