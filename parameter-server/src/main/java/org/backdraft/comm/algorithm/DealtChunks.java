package org.backdraft.comm.algorithm;

import org.backdraft.comm.BlockBorders;

/**
 * N chunks in the order of ranks, each border the block border nearest to an even deal. Chunks
 * differ by two blocks at most; in a short range some are empty.
 */
final class DealtChunks implements Ownership {
  private final BlockBorders borders;
  private final int worldSize;

  DealtChunks(BlockBorders borders, int worldSize) {
    this.borders = borders;
    this.worldSize = worldSize;
  }

  @Override
  public int begin(int rank, int begin, int end) {
    return rank == 0 ? begin : border(rank, begin, end);
  }

  @Override
  public int end(int rank, int begin, int end) {
    return rank == worldSize - 1 ? end : border(rank + 1, begin, end);
  }

  private int border(int index, int begin, int end) {
    int even = begin + (int) ((end - begin) * (long) index / worldSize);
    return Math.max(begin, Math.min(end, borders.nearest(even)));
  }
}
