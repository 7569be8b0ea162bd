package org.backdraft.leaf;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A contiguous run of leaves {@code [begin, end)}, as one worker holds it.
 *
 * @param begin the first leaf
 * @param end one past the last leaf
 */
public record LeafRange(int begin, int end) implements Serializable {
  /** The number of leaves. */
  public int size() {
    return end - begin;
  }

  /**
   * The nodes of the summation tree that cover this range, from left to right: the fewest aligned
   * ranges {@code [k·2^j, (k+1)·2^j)}. One where the range is a subtree itself (any N that is a
   * power of two), at most 2·log2(V) otherwise. A worker keeps one sum for each.
   */
  public List<LeafRange> subtrees() {
    List<LeafRange> nodes = new ArrayList<>();
    int at = begin;
    while (at < end) {
      int size = at == 0 ? Integer.highestOneBit(end) : Integer.lowestOneBit(at);
      while (at + size > end) {
        size >>= 1;
      }
      nodes.add(new LeafRange(at, at + size));
      at += size;
    }
    return List.copyOf(nodes);
  }
}
