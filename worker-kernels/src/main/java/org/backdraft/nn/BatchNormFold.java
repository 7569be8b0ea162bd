package org.backdraft.nn;

import java.util.Arrays;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.leaf.LeafRange;

/**
 * Adds two numbers of each channel over the tree of leaves. Work is dealt as groups of 16 channels.
 */
final class BatchNormFold {
  /** Channels of a group, and how far the second number of a channel lies behind its first. */
  static final int GROUP = Kernels.LANES;

  private static final int TILE = 2 * GROUP;

  /** What is added, and where it goes. */
  interface Numbers {
    /**
     * Writes the two numbers of channels of a leaf, which has examples.
     *
     * @param channel the first of {@code count} channels
     * @param at of the workspace, for their first numbers; the second ones go to {@code at + GROUP}
     */
    void put(Pass pass, int leaf, int channel, int count, int at);

    /**
     * Takes the sums over a subtree.
     *
     * @param channel the first of {@code count} channels
     * @param at of the workspace, where their first numbers are; their second ones are at {@code at
     *     + GROUP}
     */
    void take(Pass pass, int subtree, int channel, int count, int at);
  }

  private final MatrixKernels adder;
  private final int channels;
  private final int groups;
  private final int threads;
  private final int stackBase;
  private final int stackFloats;

  BatchNormFold(BatchNormMemory memory, OperationContext context) {
    adder = context.kernels().matrix();
    channels = memory.channels;
    groups = (channels + GROUP - 1) / GROUP;
    threads = context.threads();
    stackFloats = LeafStack.tiles(context.subtrees()) * TILE;
    stackBase = context.workspace((long) threads * stackFloats);
  }

  /** The first channel that {@code thread} adds. */
  int begin(int thread) {
    return Math.min(channels, Share.begin(groups, thread, threads) * GROUP);
  }

  /** One past the last of them. */
  int end(int thread) {
    return begin(thread + 1);
  }

  /** Adds the share of {@code thread}. */
  void run(Pass pass, int thread, Numbers numbers) {
    for (int first = begin(thread); first < end(thread); first += GROUP) {
      for (int s = 0; s < pass.subtrees().size(); s++) {
        run(pass, thread, numbers, first, s);
      }
    }
  }

  private void run(Pass pass, int thread, Numbers numbers, int first, int subtree) {
    float[] workspace = pass.workspace();
    LeafRange leaves = pass.subtrees().get(subtree);
    int base = stackBase + thread * stackFloats;
    int count = Math.min(GROUP, channels - first);
    int depth = 0;
    for (int leaf = leaves.begin(); leaf < leaves.end(); leaf++) {
      int top = base + depth * TILE;
      Arrays.fill(workspace, top, top + TILE, 0);
      if (pass.leafBegin(leaf) < pass.leafBegin(leaf + 1)) {
        numbers.put(pass, leaf, first, count, top);
      }
      depth = LeafStack.fold(adder, workspace, base, TILE, depth + 1, leaf - leaves.begin());
    }
    numbers.take(pass, subtree, first, count, base);
  }
}
