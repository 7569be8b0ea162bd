package org.backdraft.plan;

import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterBlocks;

/**
 * The parameters that a worker updates, as ranges of whole {@linkplain ParameterBlocks blocks} in
 * the order in which their gradients become final; the last range is updated first. The optimizer's
 * state of these ranges, and of nothing else, lies packed in that order. Immutable.
 */
public final class OwnedParameters {
  private final int[] begins;
  private final int[] ends;
  private final int[] shifts;
  private final int[] firstBlocks;
  private final int[] endBlocks;
  private final int size;

  /**
   * @param blocks of all parameters
   * @param begins the first element of each range
   * @param ends one past the last element of each range, which may be empty
   * @throws IllegalArgumentException if a range is not made of whole blocks, or ranges overlap
   */
  public OwnedParameters(ParameterBlocks blocks, int[] begins, int[] ends) {
    this.begins = begins.clone();
    this.ends = ends.clone();
    shifts = new int[begins.length];
    firstBlocks = new int[begins.length];
    endBlocks = new int[begins.length];
    boolean[] isOwned = new boolean[blocks.count()];
    int packed = 0;
    for (int range = 0; range < begins.length; range++) {
      shifts[range] = packed - begins[range];
      packed += ends[range] - begins[range];
      Checks.argument(
          begins[range] <= ends[range],
          "A range of owned parameters must not end before it begins: got [%d, %d).",
          begins[range],
          ends[range]);
      firstBlocks[range] = blocks.at(begins[range]);
      endBlocks[range] = blocks.at(ends[range]);
      for (int block = firstBlocks[range]; block < endBlocks[range]; block++) {
        Checks.argument(
            !isOwned[block],
            "Ranges of owned parameters must not overlap: two hold element %d.",
            blocks.begin(block));
        isOwned[block] = true;
      }
    }
    size = packed;
  }

  /** Of a worker that updates all parameters. */
  public static OwnedParameters all(ParameterBlocks blocks) {
    int end = blocks.count() == 0 ? 0 : blocks.end(blocks.count() - 1);
    return new OwnedParameters(blocks, new int[] {0}, new int[] {end});
  }

  /** The number of ranges, empty ones included. */
  public int ranges() {
    return begins.length;
  }

  /** The number of parameters in all ranges, and of elements of a state array. */
  public int size() {
    return size;
  }

  /** The first element of a range. */
  public int begin(int range) {
    return begins[range];
  }

  /** One past the last element of a range. */
  public int end(int range) {
    return ends[range];
  }

  /** The state of element i of the range lies at {@code i + shift} of its arrays. */
  int shift(int range) {
    return shifts[range];
  }

  /** The first block of a range. */
  int firstBlock(int range) {
    return firstBlocks[range];
  }

  /** One past the last block of a range. */
  int endBlock(int range) {
    return endBlocks[range];
  }
}
