package org.backdraft.data;

import org.backdraft.tensor.Checks;

/** Cuts a range of examples at the multiples of a block's size, one cut after the other. */
final class BlockCuts {
  private final int last;
  private final int examplesPerBlock;
  private int begin;
  private int end;

  /** The range is {@code [begin, end)}. */
  BlockCuts(int begin, int end, int examplesPerBlock) {
    Checks.argument(
        begin >= 0 && begin <= end && examplesPerBlock >= 1,
        "A range needs 0 <= begin <= end and at least 1 example a block: got [%d, %d) by %d.",
        begin,
        end,
        examplesPerBlock);
    this.last = end;
    this.examplesPerBlock = examplesPerBlock;
    this.end = begin;
  }

  /** Moves on to the next cut; false after the last. */
  boolean advance() {
    begin = end;
    end = (int) Math.min(last, (begin / examplesPerBlock + 1L) * examplesPerBlock);
    return begin < last;
  }

  int begin() {
    return begin;
  }

  int end() {
    return end;
  }

  int size() {
    return end - begin;
  }
}
