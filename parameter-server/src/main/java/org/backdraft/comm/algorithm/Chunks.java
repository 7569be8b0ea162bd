package org.backdraft.comm.algorithm;

/**
 * How a range of elements is dealt to ranks: contiguous chunks whose borders lie on blocks of 4096
 * elements counted from the range's begin, so that no border falls inside a block of the sums over
 * parameters. Chunks differ by one block at most; in a short range some are empty.
 */
final class Chunks {
  /** Elements of a block: 16 KiB of floats, which three streams keep in a 48 KiB L1 cache. */
  static final int BLOCK = 4096;

  private Chunks() {}

  /** Where the chunk of {@code index} of {@code count} starts; {@code end} for index = count. */
  static int border(int begin, int end, int index, int count) {
    int blocks = blocks(begin, end);
    long block = (long) index * blocks / count;
    return (int) Math.min(end, begin + block * BLOCK);
  }

  /** Where a range is cut in two. */
  static int middle(int begin, int end) {
    return (int) Math.min(end, begin + (blocks(begin, end) + 1L) / 2 * BLOCK);
  }

  private static int blocks(int begin, int end) {
    return (int) ((end - (long) begin + BLOCK - 1) / BLOCK);
  }
}
