package org.backdraft.ps;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.backdraft.comm.BlockBorders;
import org.backdraft.tensor.Checks;

/**
 * A table of floats, cut into blocks, and which shard owns which: a list, not ranges, so that every
 * shard holds about as many elements. How a table is cut does not depend on the number of shards,
 * so another number of them owns other blocks of the same borders. Immutable.
 */
public final class ShardPlan implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Elements of a block unless told otherwise: 1 MiB. */
  public static final int DEFAULT_BLOCK = 1 << 18;

  private final int epoch;
  private final int shards;
  private final List<RowRange> rowRanges;
  private final int[] borders; // of the blocks, ascending, from 0 to the table's size
  private final int[] owners; // by block

  private ShardPlan(int epoch, int shards, List<RowRange> rowRanges, int[] borders) {
    Checks.argument(
        shards >= 1 && epoch >= 0,
        "There must be at least one shard and an epoch >= 0: got %d shards, epoch %d.",
        shards,
        epoch);
    this.epoch = epoch;
    this.shards = shards;
    this.rowRanges = List.copyOf(rowRanges);
    this.borders = borders;
    owners = deal(borders, shards);
  }

  /**
   * A new table.
   *
   * @param epoch number of the table's life, from 0; a restored table has a higher one
   * @param size elements of the table, at least 1
   * @param blockSize about how many elements a block has
   * @param allowed where blocks may begin and end
   */
  public static ShardPlan of(int epoch, int shards, int size, int blockSize, BlockBorders allowed) {
    check(size, blockSize);
    List<Integer> borders = new ArrayList<>(List.of(0));
    int count = (int) ((size + (long) blockSize - 1) / blockSize);
    for (int i = 1; i < count; i++) {
      int border = allowed.nearest((int) ((long) i * size / count));
      if (border > borders.get(borders.size() - 1) && border < size) {
        borders.add(border);
      }
    }
    borders.add(size);
    return new ShardPlan(epoch, shards, List.of(), toArray(borders));
  }

  /**
   * The same with parts that are rows, of which pushes may hold those that are not 0 alone.
   *
   * @param ranges apart from each other, ascending, inside the table
   */
  public ShardPlan withRows(List<RowRange> ranges) {
    int end = 0;
    for (RowRange range : ranges) {
      Checks.argument(
          range.begin() >= end && range.end() <= size(),
          "Rows must lie apart and ascend in [%d, %d): got %s.",
          end,
          size(),
          range);
      end = range.end();
    }
    return new ShardPlan(epoch, shards, ranges, borders);
  }

  /** The same table with the same blocks under another epoch, and on as many shards as given. */
  public ShardPlan next(int newEpoch, int newShards) {
    Checks.argument(newEpoch > epoch, "A new epoch must be above %d: got %d.", epoch, newEpoch);
    return new ShardPlan(newEpoch, newShards, rowRanges, borders);
  }

  private static void check(int size, int blockSize) {
    Checks.argument(
        size >= 1 && blockSize >= 1,
        "A table and its blocks must have elements: got %d and %d.",
        size,
        blockSize);
  }

  private static int[] toArray(List<Integer> borders) {
    return borders.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The largest block first, each to the shard that has least (Graham 1969, LPT rule). */
  private static int[] deal(int[] borders, int shards) {
    Integer[] order = new Integer[borders.length - 1];
    Arrays.setAll(order, block -> block);
    Arrays.sort(order, Comparator.comparingInt(block -> borders[block] - borders[block + 1]));
    long[] loads = new long[shards];
    int[] owners = new int[order.length];
    for (int block : order) {
      int least = 0;
      for (int shard = 1; shard < shards; shard++) {
        least = loads[shard] < loads[least] ? shard : least;
      }
      owners[block] = least;
      loads[least] += borders[block + 1] - borders[block];
    }
    return owners;
  }

  /** The number of this table's life; what belongs to another one is refused. */
  public int epoch() {
    return epoch;
  }

  /** The number of shards. */
  public int shards() {
    return shards;
  }

  /** The number of elements. */
  public int size() {
    return borders[borders.length - 1];
  }

  /** The rows that lie in a block. */
  BlockRows rows(int block) {
    return BlockRows.of(rowRanges, begin(block), end(block));
  }

  /** The number of blocks. */
  public int blocks() {
    return owners.length;
  }

  /** The first element of a block. */
  public int begin(int block) {
    return borders[block];
  }

  /** One past the last element of a block. */
  public int end(int block) {
    return borders[block + 1];
  }

  /** The block that {@code element} lies in. */
  public int blockOf(int element) {
    int at = Arrays.binarySearch(borders, element);
    return at >= 0 ? at : -at - 2;
  }

  /** The shard that owns a block. */
  public int owner(int block) {
    return owners[block];
  }

  /** The elements that a shard owns. */
  public long load(int shard) {
    long load = 0;
    for (int block = 0; block < owners.length; block++) {
      load += owners[block] == shard ? borders[block + 1] - borders[block] : 0;
    }
    return load;
  }
}
