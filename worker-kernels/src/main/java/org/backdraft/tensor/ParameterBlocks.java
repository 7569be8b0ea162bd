package org.backdraft.tensor;

import java.util.Arrays;
import java.util.List;

/**
 * The blocks that sums over parameters are cut into: {@value #SIZE} elements each, counted from the
 * begin of each tensor, the last one of a tensor shorter. A sum over a tensor adds the sums of its
 * blocks over a binary tree, so that neither threads nor shards decide a bit of it.
 */
public final class ParameterBlocks {
  /** Elements of a block. */
  public static final int SIZE = 4096;

  private final int[] begins;
  private final int[] ends;
  private final int[] tensors;
  private final int[] firsts;

  /** The blocks of all tensors of a table, in order. */
  public ParameterBlocks(ParameterTable table) {
    List<ParameterTable.Entry> entries = table.entries();
    firsts = new int[entries.size() + 1];
    for (int t = 0; t < entries.size(); t++) {
      firsts[t + 1] = firsts[t] + (entries.get(t).length() + SIZE - 1) / SIZE;
    }
    int count = firsts[entries.size()];
    begins = new int[count];
    ends = new int[count];
    tensors = new int[count];
    for (int t = 0; t < entries.size(); t++) {
      ParameterTable.Entry entry = entries.get(t);
      for (int block = firsts[t]; block < firsts[t + 1]; block++) {
        tensors[block] = t;
        begins[block] = entry.begin() + (block - firsts[t]) * SIZE;
        ends[block] = begins[block] + Math.min(SIZE, entry.end() - begins[block]);
      }
    }
  }

  /** The number of blocks. */
  public int count() {
    return begins.length;
  }

  /** The number of tensors. */
  public int tensors() {
    return firsts.length - 1;
  }

  /** The first block of a tensor; that of the next one ends its blocks. */
  public int first(int tensor) {
    return firsts[tensor];
  }

  /** The tensor that a block is of. */
  public int tensor(int block) {
    return tensors[block];
  }

  /**
   * The block that begins at {@code element}; their number at the end of the last one.
   *
   * @throws IllegalArgumentException if none does
   */
  public int at(int element) {
    int block = Arrays.binarySearch(begins, element);
    if (block >= 0) {
      return block;
    }
    Checks.argument(
        count() == 0 ? element == 0 : element == ends[count() - 1],
        "Ranges of parameters must be made of whole blocks: no block begins at element %d.",
        element);
    return count();
  }

  /** The first element of a block. */
  public int begin(int block) {
    return begins[block];
  }

  /** One past the last element of a block. */
  public int end(int block) {
    return ends[block];
  }

  /**
   * The sum of the blocks of one tensor: neighbours, then neighbours of those, and so on.
   *
   * @param blockSums of all blocks; those of the tensor are overwritten
   */
  public double sum(double[] blockSums, int tensor) {
    return treeSum(blockSums, firsts[tensor], firsts[tensor + 1]);
  }

  /**
   * The sum over all tensors: each one's own, added over a tree of the same kind.
   *
   * @param blockSums overwritten
   */
  public double sum(double[] blockSums) {
    for (int t = 0; t < tensors(); t++) {
      // Every tensor has a block, so place t lies before all that is still to be read.
      blockSums[t] = sum(blockSums, t);
    }
    return treeSum(blockSums, 0, tensors());
  }

  private static double treeSum(double[] sums, int begin, int end) {
    if (begin == end) {
      return 0;
    }
    for (long distance = 1; distance < end - begin; distance *= 2) {
      for (long i = begin; i + distance < end; i += 2 * distance) {
        sums[(int) i] += sums[(int) (i + distance)];
      }
    }
    return sums[begin];
  }
}
