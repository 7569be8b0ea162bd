package org.backdraft.comm.algorithm;

import org.backdraft.comm.BlockBorders;

/**
 * Chunks that come of cutting a range in two log2(N) times, N a power of two: bit k of a rank, from
 * the lowest, says which half it keeps of what the cuts before have left it. So neighbouring ranks
 * own opposite halves of the range. Each cut lies at the block border nearest to the middle.
 */
final class HalvedChunks implements Ownership {
  private final BlockBorders borders;
  private final int levels;

  HalvedChunks(BlockBorders borders, int worldSize) {
    this.borders = borders;
    levels = Integer.numberOfTrailingZeros(worldSize);
  }

  /** Where {@code [begin, end)} is cut in two. */
  int middle(int begin, int end) {
    return Math.max(begin, Math.min(end, borders.nearest(begin + (end - begin) / 2)));
  }

  @Override
  public int begin(int rank, int begin, int end) {
    return border(rank, begin, end, true);
  }

  @Override
  public int end(int rank, int begin, int end) {
    return border(rank, begin, end, false);
  }

  private int border(int rank, int begin, int end, boolean first) {
    int lo = begin;
    int hi = end;
    for (int level = 0; level < levels; level++) {
      int middle = middle(lo, hi);
      if ((rank >> level & 1) == 0) {
        hi = middle;
      } else {
        lo = middle;
      }
    }
    return first ? lo : hi;
  }
}
