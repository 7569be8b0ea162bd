package org.backdraft.nn;

import java.util.List;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.NormalizationKernels;
import org.backdraft.leaf.LeafRange;

/**
 * Where the operations of one batch normalisation keep what they tell each other: two sums for each
 * block of rows, and for each leaf the table of constants, mean and variance, and the two
 * gradients.
 *
 * <p>Blocks are {@link Kernels#BLOCK_ROWS} pixels of one example; its last block may be shorter.
 */
final class BatchNormMemory {
  final int channels;
  final int lanes;
  final int pixels;
  final int blocks;
  final int leaves;

  private final int blockBase;
  private final int constantsBase;
  private final int meanBase;
  private final int varianceBase;
  private final int scaleGradientBase;
  private final int shiftGradientBase;

  BatchNormMemory(OperationContext context) {
    channels = context.output().layout().channels();
    lanes = context.output().layout().pitch();
    pixels = context.output().layout().pixels();
    blocks = (pixels + Kernels.BLOCK_ROWS - 1) / Kernels.BLOCK_ROWS;
    List<LeafRange> subtrees = context.subtrees();
    leaves = subtrees.get(subtrees.size() - 1).end();
    blockBase = context.workspace(2L * context.capacity() * blocks * lanes);
    constantsBase = context.workspace((long) leaves * NormalizationKernels.CONSTANTS * lanes);
    meanBase = context.workspace((long) leaves * lanes);
    varianceBase = context.workspace((long) leaves * lanes);
    scaleGradientBase = context.workspace((long) leaves * lanes);
    shiftGradientBase = context.workspace((long) leaves * lanes);
  }

  /** Rows of block {@code block} of each example. */
  int rows(int block) {
    return Math.min(Kernels.BLOCK_ROWS, pixels - block * Kernels.BLOCK_ROWS);
  }

  /** Where the two sums of a block lie, {@link #lanes} floats each. */
  int block(int example, int block) {
    return blockBase + 2 * (example * blocks + block) * lanes;
  }

  /** Where the constants of a leaf lie, as {@link NormalizationKernels} reads them. */
  int constants(int leaf) {
    return constantsBase + leaf * NormalizationKernels.CONSTANTS * lanes;
  }

  /** Where the means of a leaf lie. */
  int means(int leaf) {
    return meanBase + leaf * lanes;
  }

  /** Where the variances of a leaf lie. */
  int variances(int leaf) {
    return varianceBase + leaf * lanes;
  }

  /** Where the gradients of the weight lie that a leaf adds. */
  int scaleGradients(int leaf) {
    return scaleGradientBase + leaf * lanes;
  }

  /** Where those of the bias lie. */
  int shiftGradients(int leaf) {
    return shiftGradientBase + leaf * lanes;
  }
}
