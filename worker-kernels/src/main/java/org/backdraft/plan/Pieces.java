package org.backdraft.plan;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.Checks;

/**
 * What a worker computes at once of its part of a batch, in order: all of its leaves, or where
 * {@link Plan.Options#accumulate} asks for K &gt; 1 pieces, nodes of the summation tree of at most
 * 2^j leaves with the largest j that gives at least K of them. Each of the worker's own nodes is
 * then cut into one piece or a power of two of them.
 *
 * <p>So there are more than K pieces only where the tree has no cut into K: a node of 8 leaves has
 * 2, 4 or 8, a worker with nodes of 1, 2 and 4 leaves 3, 4 or 7.
 *
 * <p>The sum of a node is made as a binary counter counts: a piece's sums are added to those of the
 * pieces before it as soon as both are sums of equal nodes, which is the order of the tree. A node
 * of p pieces takes log2(p) arrays besides that of its result.
 *
 * @param nodes of the summation tree that the worker holds, as ranges of its own leaves from 0
 * @param pieces at least one
 * @param capacity the most examples of a piece
 * @param partialSums arrays besides one for each node, which all nodes share
 */
record Pieces(List<LeafRange> nodes, List<Piece> pieces, int capacity, int partialSums) {
  /**
   * What is computed at once.
   *
   * @param leaves of the worker, counted from its first one
   * @param subtrees of these, as ranges counted from the first of them
   * @param node the worker's node that the piece begins in
   * @param number of the piece in its node, from 0
   */
  record Piece(LeafRange leaves, List<LeafRange> subtrees, int node, int number) {
    /** Sums of pieces before that wait for those of this one; they are as many arrays. */
    int waiting() {
      return Integer.bitCount(number);
    }

    /** How many of them this one completes, the last one first. */
    int additions() {
      return Integer.numberOfTrailingZeros(number + 1);
    }
  }

  /**
   * Cuts.
   *
   * @throws IllegalArgumentException if there are fewer leaves than pieces
   */
  static Pieces of(Plan.Request request) {
    LeafRange range = request.leafRange();
    int wanted = request.options().accumulate();
    Checks.argument(
        wanted <= range.size(),
        "A batch can be computed in at most as many pieces as leaves, of which this worker has %d:"
            + " got %d pieces.",
        range.size(),
        wanted);
    List<LeafRange> nodes = new ArrayList<>();
    for (LeafRange node : range.subtrees()) {
      nodes.add(new LeafRange(node.begin() - range.begin(), node.end() - range.begin()));
    }
    if (wanted == 1) {
      Piece all = new Piece(new LeafRange(0, range.size()), List.copyOf(nodes), 0, 0);
      return new Pieces(List.copyOf(nodes), List.of(all), request.capacity(), 0);
    }
    int width = Integer.highestOneBit(range.size());
    while (count(nodes, width) < wanted) {
      width /= 2;
    }
    List<Piece> pieces = cut(nodes, width);
    int partialSums = 0;
    for (Piece piece : pieces) {
      partialSums = Math.max(partialSums, piece.waiting());
    }
    return new Pieces(List.copyOf(nodes), pieces, capacity(request, pieces), partialSums);
  }

  private static int count(List<LeafRange> nodes, int width) {
    return nodes.stream().mapToInt(node -> Math.max(1, node.size() / width)).sum();
  }

  private static List<Piece> cut(List<LeafRange> nodes, int width) {
    List<Piece> pieces = new ArrayList<>();
    for (int n = 0; n < nodes.size(); n++) {
      LeafRange node = nodes.get(n);
      int size = Math.min(width, node.size());
      List<LeafRange> itself = List.of(new LeafRange(0, size));
      for (int i = 0; i < node.size() / size; i++) {
        int begin = node.begin() + i * size;
        pieces.add(new Piece(new LeafRange(begin, begin + size), itself, n, i));
      }
    }
    return List.copyOf(pieces);
  }

  /** The most examples of a piece of any local batch that the request has room for. */
  private static int capacity(Plan.Request request, List<Piece> pieces) {
    Leaves leaves = request.leaves();
    LeafRange range = request.leafRange();
    int mostLeaves = mostLeaves(pieces);
    int most = 1;
    // L of V leaves hold ⌊L·n/V⌋ of n examples or one more: from too many on down, until no piece
    // of fewer can be larger.
    long global = (request.capacity() + 1L) * leaves.count() / range.size();
    for (int n = (int) Math.min(global, Integer.MAX_VALUE);
        most < ((long) mostLeaves * n + leaves.count() - 1) / leaves.count();
        n--) {
      if (examples(leaves, range, n) <= request.capacity()) {
        for (Piece piece : pieces) {
          int begin = range.begin() + piece.leaves().begin();
          LeafRange own = new LeafRange(begin, begin + piece.leaves().size());
          most = Math.max(most, examples(leaves, own, n));
        }
      }
    }
    return most;
  }

  private static int examples(Leaves leaves, LeafRange range, int global) {
    return leaves.begin(range.end(), global) - leaves.begin(range.begin(), global);
  }

  /** Leaves of the piece that has most. */
  int mostLeaves() {
    return mostLeaves(pieces);
  }

  private static int mostLeaves(List<Piece> pieces) {
    return pieces.stream().mapToInt(piece -> piece.leaves().size()).max().orElseThrow();
  }

  /** The subtrees of that piece. */
  List<LeafRange> mostSubtrees() {
    return pieces.stream()
        .filter(piece -> piece.leaves().size() == mostLeaves())
        .findFirst()
        .orElseThrow()
        .subtrees();
  }
}
