package org.backdraft.comm.algorithm;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.Transport;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.leaf.TreeSum;

/**
 * Reduce-scatter for any world size N: each rank sends the owner of a chunk its subtree sums of
 * that chunk, the owner adds them in the order of the leaf tree.
 *
 * <p>A rank's run of leaves is then no node of the tree but a few of them, s_r for rank r and s in
 * all, and a partial sum over the run would have other bits than the tree's; so the nodes travel.
 *
 * <p><b>Communication steps</b>: 1 for each piece of a chunk, with N−1 messages. <b>Bytes on the
 * wire</b>, sent by rank r for S bytes: S·s_r·(N−1)/N; the table in {@code docs/algorithms.md}
 * gives s. <b>Additions</b>: n·(s−1)/N. <b>Scratch</b>: s − s_r pieces.
 *
 * <p><b>Source</b>: the reduce-scatter by pairwise exchange of Thakur, Rabenseifner and Gropp 2005,
 * <em>Optimization of collective communication operations in MPICH</em>, §3; that subtrees travel
 * apart is our departure.
 */
final class DirectExchange implements ReduceScatter {
  private final Transport transport;
  private final Adder adder;
  private final Ownership chunks;
  private final int piece;
  private final RankContext context;
  private int[] firstNode = {};
  private NodeFold fold;
  private float[] scratch = {};

  /**
   * @param piece elements of a chunk that are received before they are added
   */
  DirectExchange(Transport transport, Adder adder, Ownership chunks, int piece) {
    this.transport = transport;
    this.adder = adder;
    this.chunks = chunks;
    this.piece = piece;
    context = transport.context();
  }

  @Override
  public void plan(Leaves leaves) {
    int worldSize = context.worldSize();
    List<LeafRange> nodes = new ArrayList<>();
    firstNode = new int[worldSize + 1];
    for (int rank = 0; rank < worldSize; rank++) {
      nodes.addAll(leaves.rangeOf(rank, worldSize).subtrees());
      firstNode[rank + 1] = nodes.size();
    }
    fold = new NodeFold(adder, nodes.size(), TreeSum.plan(leaves, nodes));
  }

  @Override
  public void run(float[][] sums, int begin, int end, long step) throws CollectiveException {
    int longest = 0;
    for (int rank = 0; rank < context.worldSize(); rank++) {
      longest = Math.max(longest, chunks.end(rank, begin, end) - chunks.begin(rank, begin, end));
    }
    int lo = chunks.begin(context.rank(), begin, end);
    int hi = chunks.end(context.rank(), begin, end);
    for (long at = 0; at < longest; at += piece) {
      int offset = (int) at;
      exchange(sums, begin, end, offset, lo, hi, step);
      int length = Math.min(piece, hi - lo - offset);
      if (length > 0) {
        fold.run(length);
        fold.copyOut(0, sums[0], lo + offset, length);
      }
    }
  }

  private void exchange(float[][] sums, int begin, int end, int offset, int lo, int hi, long step)
      throws CollectiveException {
    int rank = context.rank();
    int worldSize = context.worldSize();
    // Each rank starts with its successor, so that no owner is everybody's first target.
    for (int k = 1; k < worldSize; k++) {
      int owner = (rank + k) % worldSize;
      int from = chunks.begin(owner, begin, end) + offset;
      int to = Math.min(chunks.end(owner, begin, end), from + piece);
      for (int i = 0; i < sums.length && to > from; i++) {
        transport.send(owner, step, sums[i], from, to);
      }
    }
    int length = Math.min(piece, hi - lo - offset);
    if (length > 0) {
      receive(sums, lo + offset, length, step);
    }
    transport.await("reduce-scatter");
  }

  private void receive(float[][] sums, int from, int length, long step) {
    int rank = context.rank();
    int worldSize = context.worldSize();
    reserve(Math.multiplyExact(length, firstNode[worldSize] - sums.length));
    int base = 0;
    for (int k = 0; k < worldSize; k++) {
      int peer = (rank - k + worldSize) % worldSize;
      for (int node = firstNode[peer]; node < firstNode[peer + 1]; node++) {
        if (peer == rank) {
          fold.place(node, sums[node - firstNode[rank]], from);
          continue;
        }
        fold.place(node, scratch, base);
        transport.receive(peer, step, scratch, base, base + length);
        base += length;
      }
    }
  }

  private void reserve(int length) {
    if (scratch.length < length) {
      scratch = new float[length];
    }
  }
}
