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
 * All-reduce for any world size N: each rank sends the owner of a chunk its subtree sums of that
 * chunk, the owner adds them in the order of the leaf tree, then sends the result to all.
 *
 * <p>A rank's run of leaves is then no node of the tree but a few of them, s_r for rank r and s in
 * all, and a partial sum over the run would have other bits than the tree's; so the nodes travel.
 *
 * <p><b>Communication steps</b>: 2, with N−1 messages each. <b>Bytes on the wire</b>, sent by rank
 * r for S bytes: S·(s_r + 1)·(N−1)/N; the table in {@code docs/algorithms.md} gives s. <b>Additions
 * </b>: n·(s−1)/N. <b>Scratch</b>: n·(s − s_r)/N elements.
 *
 * <p><b>Source</b>: the reduce-scatter by pairwise exchange and the all-gather by direct sends of
 * Thakur, Rabenseifner and Gropp 2005, <em>Optimization of collective communication operations in
 * MPICH</em>, §3; that subtrees travel apart is our departure.
 */
final class DirectExchange {
  private final Transport transport;
  private final Adder adder;
  private final RankContext context;
  private int[] firstNode = {};
  private int[] targets = {};
  private int[] sources = {};
  private float[][] nodeValues = {};
  private int[] nodeBase = {};
  private float[] scratch = {};

  DirectExchange(Transport transport, Adder adder) {
    this.transport = transport;
    this.adder = adder;
    context = transport.context();
  }

  /** Prepares the order of additions for batches that are cut into {@code leaves}. */
  void plan(Leaves leaves) {
    int worldSize = context.worldSize();
    List<LeafRange> nodes = new ArrayList<>();
    firstNode = new int[worldSize + 1];
    for (int rank = 0; rank < worldSize; rank++) {
      nodes.addAll(leaves.rangeOf(rank, worldSize).subtrees());
      firstNode[rank + 1] = nodes.size();
    }
    List<TreeSum.Addition> additions = TreeSum.plan(leaves, nodes);
    targets = new int[additions.size()];
    sources = new int[additions.size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = additions.get(i).target();
      sources[i] = additions.get(i).source();
    }
    nodeValues = new float[nodes.size()][];
    nodeBase = new int[nodes.size()];
  }

  /**
   * Sums the nodes of all ranks over {@code [begin, end)} into {@code sums[0]}.
   *
   * @param sums one array for each subtree of this rank
   */
  void allReduce(float[][] sums, int begin, int end, long step) throws CollectiveException {
    int rank = context.rank();
    int worldSize = context.worldSize();
    int lo = Chunks.border(begin, end, rank, worldSize);
    int hi = Chunks.border(begin, end, rank + 1, worldSize);
    exchange(sums, begin, end, lo, hi, step);
    fold(sums, lo, hi);
    gather(sums[0], begin, end, lo, hi, step);
  }

  private void exchange(float[][] sums, int begin, int end, int lo, int hi, long step)
      throws CollectiveException {
    int rank = context.rank();
    int worldSize = context.worldSize();
    int length = hi - lo;
    reserve(Math.multiplyExact(length, firstNode[worldSize] - sums.length));
    // Each rank starts with its successor, so that no owner is everybody's first target.
    for (int k = 1; k < worldSize; k++) {
      int owner = (rank + k) % worldSize;
      int from = Chunks.border(begin, end, owner, worldSize);
      int to = Chunks.border(begin, end, owner + 1, worldSize);
      for (int i = 0; i < sums.length && to > from; i++) {
        transport.send(owner, step, sums[i], from, to);
      }
    }
    int base = 0;
    for (int k = 0; k < worldSize; k++) {
      int peer = (rank - k + worldSize) % worldSize;
      for (int node = firstNode[peer]; node < firstNode[peer + 1]; node++) {
        if (peer == rank) {
          nodeValues[node] = sums[node - firstNode[rank]];
          nodeBase[node] = lo;
          continue;
        }
        nodeValues[node] = scratch;
        nodeBase[node] = base;
        if (length > 0) {
          transport.receive(peer, step, scratch, base, base + length);
        }
        base += length;
      }
    }
    transport.await("reduce-scatter");
  }

  /** Adds block by block, so that a block's nodes are read and written in the cache. */
  private void fold(float[][] sums, int lo, int hi) {
    for (int at = 0; at < hi - lo; at += Chunks.BLOCK) {
      int length = Math.min(Chunks.BLOCK, hi - lo - at);
      for (int i = 0; i < targets.length; i++) {
        int target = targets[i];
        int source = sources[i];
        adder.add(
            nodeValues[target],
            nodeBase[target] + at,
            nodeValues[source],
            nodeBase[source] + at,
            length);
      }
      if (context.rank() != 0) {
        System.arraycopy(nodeValues[0], nodeBase[0] + at, sums[0], lo + at, length);
      }
    }
  }

  private void gather(float[] sum, int begin, int end, int lo, int hi, long step)
      throws CollectiveException {
    int rank = context.rank();
    int worldSize = context.worldSize();
    for (int k = 1; k < worldSize && hi > lo; k++) {
      transport.send((rank + k) % worldSize, step, sum, lo, hi);
    }
    for (int k = 1; k < worldSize; k++) {
      int owner = (rank - k + worldSize) % worldSize;
      int from = Chunks.border(begin, end, owner, worldSize);
      int to = Chunks.border(begin, end, owner + 1, worldSize);
      if (to > from) {
        transport.receive(owner, step, sum, from, to);
      }
    }
    transport.await("all-gather");
  }

  private void reserve(int length) {
    if (scratch.length < length) {
      scratch = new float[length];
    }
  }
}
