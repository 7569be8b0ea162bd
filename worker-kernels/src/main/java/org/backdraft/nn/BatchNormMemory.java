package org.backdraft.nn;

import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.NormalizationKernels;

/**
 * Where the operations of one batch normalization keep what they tell each other: two sums for each
 * block of rows, and a table of constants for each leaf, or for all leaves where their statistics
 * are those of the global batch, or the running ones.
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
  private final int constantsPitch;

  BatchNormMemory(OperationContext context) {
    channels = context.output().layout().channels();
    lanes = context.output().layout().pitch();
    pixels = context.output().layout().pixels();
    blocks = (pixels + Kernels.BLOCK_ROWS - 1) / Kernels.BLOCK_ROWS;
    leaves = context.subtrees().get(context.subtrees().size() - 1).end();
    blockBase = context.workspace(2L * context.capacity() * blocks * lanes);
    int table = NormalizationKernels.CONSTANTS * lanes;
    constantsPitch = context.batchNormSync() || context.batchNormFrozen() ? 0 : table;
    constantsBase = context.workspace((leaves - 1L) * constantsPitch + table);
  }

  /** The rows of the global batch: pixels of all of its examples. */
  double globalRows(Pass pass) {
    return (double) pass.globalExamples() * pixels;
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
    return constantsBase + leaf * constantsPitch;
  }
}
