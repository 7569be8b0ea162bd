package org.backdraft.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.backdraft.tensor.Checks;

/**
 * Lays out blocks in one array so that blocks that live at the same time never overlap: each block
 * goes to the lowest offset where it fits beside those placed before it.
 */
final class ArenaPlanner {
  /** The longest array that the SIMD kernels address: 4 GiB of floats. */
  static final int MOST_FLOATS = 1 << 30;

  /** Blocks start this many floats apart: a cache line. */
  private static final int ALIGNMENT = 16;

  /**
   * Where blocks start to lie: large arrays begin on a page and their elements 16 bytes later, so
   * that this one starts a cache line.
   */
  private static final int ORIGIN = 12;

  private record Block(long begin, long end, int first, int last) {}

  private final String name;
  private final List<Block> blocks = new ArrayList<>();
  private long size;

  /**
   * @param name what the array holds, for messages
   */
  ArenaPlanner(String name) {
    this.name = name;
  }

  /**
   * Places a block that lives from time {@code first} to time {@code last}, both included.
   *
   * @return its offset
   * @throws IllegalArgumentException if the array would become longer than a Java array can be
   */
  int place(long length, int first, int last) {
    List<Block> rivals = new ArrayList<>();
    for (Block block : blocks) {
      if (block.first() <= last && first <= block.last()) {
        rivals.add(block);
      }
    }
    rivals.sort(Comparator.comparingLong(Block::begin));
    long at = ORIGIN;
    for (Block rival : rivals) {
      if (rival.begin() - at >= length) {
        break;
      }
      at = Math.max(at, rival.end());
    }
    long end = at + (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    Checks.argument(
        end <= MOST_FLOATS,
        "The %s of a local batch must fit into one array of %d numbers: they need %d. Use a smaller"
            + " batch or more workers, or train with train.accumulate.",
        name,
        MOST_FLOATS,
        end);
    blocks.add(new Block(at, end, first, last));
    size = Math.max(size, end);
    return (int) at;
  }

  /** Places a block that always lives. */
  int place(long length) {
    return place(length, 0, Integer.MAX_VALUE);
  }

  /** The length of the array. */
  int size() {
    return (int) size;
  }
}
