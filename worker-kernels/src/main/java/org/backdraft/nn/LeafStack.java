package org.backdraft.nn;

import java.util.List;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.leaf.LeafRange;

/**
 * Adds tiles of floats over the tree of leaves while the leaves come one after the other: a stack
 * of at most log2(V) + 1 tiles, where two neighbours are added as soon as both are complete.
 */
final class LeafStack {
  private LeafStack() {}

  /** The most tiles that are on the stack at once. */
  static int tiles(List<LeafRange> subtrees) {
    int largest = 1;
    for (LeafRange subtree : subtrees) {
      largest = Math.max(largest, subtree.size());
    }
    return Integer.numberOfTrailingZeros(largest) + 1;
  }

  /**
   * Adds what is complete after a leaf's tile has been put on top.
   *
   * @param depth tiles on the stack, the new one included
   * @param leaf the new tile's leaf, counted from the first one of its subtree
   * @return tiles on the stack afterwards: 1 when the subtree is complete
   */
  static int fold(
      MatrixKernels kernels, float[] stack, int base, int tileLength, int depth, int leaf) {
    for (int done = leaf + 1; (done & 1) == 0; done >>= 1) {
      depth--;
      int right = base + depth * tileLength;
      kernels.add(stack, right - tileLength, stack, right, tileLength);
    }
    return depth;
  }
}
