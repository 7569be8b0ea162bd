package org.backdraft.nn;

/**
 * Adds what the blocks of a leaf hold, in order, in double.
 *
 * <p>With a block's sum s and its squares q about its own mean m, the squares of a leaf about any μ
 * are {@code Σ q + 2 (m − μ)(s − rows · m) + rows · (m − μ)²} (Chan, Golub and LeVeque 1983, with a
 * term for the rounding of m): one pass over memory, as accurate as two.
 */
final class BatchNormBlocks {
  private final BatchNormMemory memory;

  BatchNormBlocks(BatchNormMemory memory) {
    this.memory = memory;
  }

  /** The rows of a leaf: pixels of all of its examples. */
  double rows(Pass pass, int leaf) {
    return (double) (pass.leafBegin(leaf + 1) - pass.leafBegin(leaf)) * memory.pixels;
  }

  /** The first of the two numbers of all blocks of a leaf. */
  double first(Pass pass, int leaf, int c) {
    return add(pass, leaf, c);
  }

  /** The second of them. */
  double second(Pass pass, int leaf, int c) {
    return add(pass, leaf, memory.lanes + c);
  }

  private double add(Pass pass, int leaf, int at) {
    float[] workspace = pass.workspace();
    int begin = memory.block(pass.leafBegin(leaf), 0);
    int end = memory.block(pass.leafBegin(leaf + 1), 0);
    double sum = 0;
    for (int block = begin; block < end; block += 2 * memory.lanes) {
      sum += workspace[block + at];
    }
    return sum;
  }

  /** The squares of a leaf about {@code mean}, of what the forward pass has left in the blocks. */
  double squares(Pass pass, int leaf, int c, double mean) {
    float[] workspace = pass.workspace();
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
    return squares;
  }
}
