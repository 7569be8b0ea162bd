package org.backdraft.leaf;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.backdraft.tensor.Checks;

/**
 * The additions that fold sums over subtrees of leaves into the sum over all of them, in the order
 * of the fixed binary tree (see {@link Leaves}).
 *
 * <p>Whoever holds the subtree sums of all ranks for a range of elements carries these out, one
 * after the other and element by element: {@code sums[target][i] += sums[source][i]}. The bits are
 * then those of one worker that holds all leaves.
 */
public final class TreeSum {
  /**
   * One addition: {@code sums[target][i] += sums[source][i]}; the source is not needed afterwards.
   *
   * @param target index of the left node in the list of nodes
   * @param source index of the right node
   */
  public record Addition(int target, int source) {}

  private record Partial(int index, LeafRange leaves) {}

  private TreeSum() {}

  /**
   * The additions that fold all nodes into the first one.
   *
   * @param nodes nodes of the tree, from left to right, covering {@code [0, V)} without gap: what
   *     {@link LeafRange#subtrees} of rank 0, 1, … give one after the other
   * @return {@code nodes.size() - 1} additions, in order
   * @throws IllegalArgumentException if the nodes are no nodes of the tree or leave a gap
   */
  public static List<Addition> plan(Leaves leaves, List<LeafRange> nodes) {
    List<Addition> additions = new ArrayList<>(nodes.size());
    Deque<Partial> pending = new ArrayDeque<>();
    int covered = 0;
    for (int i = 0; i < nodes.size(); i++) {
      LeafRange node = nodes.get(i);
      int size = node.size();
      Checks.argument(
          size >= 1 && Integer.bitCount(size) == 1 && node.begin() % size == 0,
          "A node of the summation tree must be [k·2^j, (k+1)·2^j): got %s.",
          node);
      Checks.argument(
          node.begin() == covered,
          "Nodes must follow each other without a gap: expected one from leaf %d, got %s.",
          covered,
          node);
      covered = node.end();
      Partial merged = new Partial(i, node);
      while (!pending.isEmpty() && pending.peek().leaves().size() == merged.leaves().size()) {
        Partial left = pending.pop();
        additions.add(new Addition(left.index(), merged.index()));
        merged =
            new Partial(left.index(), new LeafRange(left.leaves().begin(), merged.leaves().end()));
      }
      pending.push(merged);
    }
    Checks.argument(
        covered == leaves.count() && pending.size() == 1,
        "Nodes must cover all %d leaves: they end at %d.",
        leaves.count(),
        covered);
    return List.copyOf(additions);
  }
}
