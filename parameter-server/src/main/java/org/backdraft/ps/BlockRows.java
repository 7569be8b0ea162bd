package org.backdraft.ps;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of a table that lie in one block, whole or, at the block's borders, in part; numbered
 * from 0 in their order. Beside them a block has <em>loose</em> elements, which are in no row.
 *
 * <p>A sparse push is the loose elements, then those of some rows: the others hold +0. Immutable.
 */
final class BlockRows {
  /**
   * Rows of one range; offsets are counted from the block's begin.
   *
   * @param first number of the first row
   * @param begin its first element
   * @param firstEnd one past the last element of the first row, which may be a part of one
   * @param end one past the last element of the last row
   */
  private record Run(int first, int begin, int firstEnd, int end, int width) {
    int count() {
      return 1 + (end - firstEnd + width - 1) / width;
    }
  }

  private final int length;
  private final List<Run> runs;
  private final int count;
  private final int loose;

  private BlockRows(int length, List<Run> runs, int count, int loose) {
    this.length = length;
    this.runs = List.copyOf(runs);
    this.count = count;
    this.loose = loose;
  }

  /**
   * Those of a block.
   *
   * @param ranges of the table, ascending
   * @param begin the block's first element
   * @param end one past its last
   */
  static BlockRows of(List<RowRange> ranges, int begin, int end) {
    List<Run> runs = new ArrayList<>();
    int count = 0;
    int loose = end - begin;
    for (RowRange range : ranges) {
      int from = Math.max(begin, range.begin());
      int to = Math.min(end, range.end());
      if (from < to) {
        int row = (from - range.begin()) / range.width();
        int firstEnd = Math.min(to, range.begin() + (row + 1) * range.width());
        Run run = new Run(count, from - begin, firstEnd - begin, to - begin, range.width());
        runs.add(run);
        count += run.count();
        loose -= to - from;
      }
    }
    return new BlockRows(end - begin, runs, count, loose);
  }

  /** How many rows there are. */
  int count() {
    return count;
  }

  private Run runOf(int row) {
    int at = runs.size() - 1;
    while (runs.get(at).first() > row) {
      at--;
    }
    return runs.get(at);
  }

  private int begin(int row) {
    Run run = runOf(row);
    int number = row - run.first();
    return number == 0 ? run.begin() : run.firstEnd() + (number - 1) * run.width();
  }

  private int end(int row) {
    Run run = runOf(row);
    return Math.min(run.end(), run.firstEnd() + (row - run.first()) * run.width());
  }

  /**
   * The rows that hold anything but +0, ascending; null where sending them alone takes no fewer
   * bytes than sending the block.
   *
   * @param values of the table
   * @param blockBegin where the block begins in it
   */
  int[] touched(float[] values, int blockBegin) {
    if (count == 0) {
      return null;
    }
    int[] touched = new int[count];
    int found = 0;
    long sent = loose;
    for (int row = 0; row < count && sent < length; row++) {
      int from = begin(row);
      int to = end(row);
      if (!isZero(values, blockBegin + from, blockBegin + to)) {
        touched[found++] = row;
        sent += 1L + to - from;
      }
    }
    return sent < length ? Arrays.copyOf(touched, found) : null;
  }

  private static boolean isZero(float[] values, int begin, int end) {
    for (int i = begin; i < end; i++) {
      if (Float.floatToRawIntBits(values[i]) != 0) {
        return false;
      }
    }
    return true;
  }

  /** How many elements a push of those rows holds; they must be rows of the block. */
  private long elements(int[] rows) {
    long elements = loose;
    for (int row : rows) {
      elements += end(row) - begin(row);
    }
    return elements;
  }

  /**
   * Why a shard must refuse a sparse push, null if it need not.
   *
   * @param block number, for messages
   * @param elements that came with the rows
   */
  String objection(int block, int[] rows, int elements) {
    int previous = -1;
    for (int row : rows) {
      if (row <= previous || row >= count) {
        return "Rows of block %d must ascend in [0, %d): got %d after %d."
            .formatted(block, count, row, previous);
      }
      previous = row;
    }
    long expected = elements(rows);
    return elements == expected
        ? null
        : "A push of %d rows of block %d must have %d elements: got %d."
            .formatted(rows.length, block, expected, elements);
  }

  /**
   * What a push of those rows holds.
   *
   * @param values of the table
   * @param blockBegin where the block begins in it
   */
  float[] gather(float[] values, int blockBegin, int[] rows) {
    float[] packed = new float[Math.toIntExact(elements(rows))];
    copy(values, blockBegin, packed, rows, true);
    return packed;
  }

  /** The whole block of a push of those rows. */
  float[] scatter(float[] packed, int[] rows) {
    float[] block = new float[length];
    copy(block, 0, packed, rows, false);
    return block;
  }

  private void copy(float[] block, int blockBegin, float[] packed, int[] rows, boolean gathers) {
    int at = 0;
    int from = 0;
    for (Run run : runs) {
      at = move(block, blockBegin + from, packed, at, run.begin() - from, gathers);
      from = run.end();
    }
    at = move(block, blockBegin + from, packed, at, length - from, gathers);
    for (int row : rows) {
      int begin = begin(row);
      at = move(block, blockBegin + begin, packed, at, end(row) - begin, gathers);
    }
  }

  private static int move(
      float[] block, int from, float[] packed, int at, int length, boolean gathers) {
    if (gathers) {
      System.arraycopy(block, from, packed, at, length);
    } else {
      System.arraycopy(packed, at, block, from, length);
    }
    return at + length;
  }
}
