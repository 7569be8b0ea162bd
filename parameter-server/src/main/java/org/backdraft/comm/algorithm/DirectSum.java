package org.backdraft.comm.algorithm;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.leaf.TreeSum;

/**
 * All-reduce of a short range for any world size N: every rank sends all its nodes of the leaf tree
 * to every other, and each adds them all in the order of the tree.
 *
 * <p><b>Communication steps</b>: 1, with N−1 messages for each node, half of those of direct
 * exchange and gather. <b>Bytes on the wire</b>, sent by rank r for S bytes: S·s_r·(N−1).
 * <b>Additions</b>: n·(s−1). <b>Scratch</b>: s − s_r ranges.
 *
 * <p><b>Source</b>: the linear all-gather of Thakur, Rabenseifner and Gropp 2005, <em>Optimization
 * of collective communication operations in MPICH</em>, §3, and a local sum.
 */
final class DirectSum implements ShortSum {
  /** Elements that a rank may receive: 256 KiB. */
  private static final int MOST_RECEIVED = 1 << 16;

  private final Transport transport;
  private final Adder adder;
  private int[] firstNode = {};
  private NodeFold fold;
  private int mostElements;
  private float[] scratch = {};

  DirectSum(Transport transport, Adder adder) {
    this.transport = transport;
    this.adder = adder;
  }

  @Override
  public void plan(Leaves leaves) {
    int worldSize = transport.context().worldSize();
    List<LeafRange> nodes = new ArrayList<>();
    firstNode = new int[worldSize + 1];
    for (int rank = 0; rank < worldSize; rank++) {
      nodes.addAll(leaves.rangeOf(rank, worldSize).subtrees());
      firstNode[rank + 1] = nodes.size();
    }
    fold = new NodeFold(adder, nodes.size(), TreeSum.plan(leaves, nodes));
    mostElements = MOST_RECEIVED / nodes.size();
    scratch = new float[mostElements * nodes.size()];
  }

  @Override
  public int mostElements() {
    return mostElements;
  }

  @Override
  public void run(float[][] sums, int begin, int end, long step) throws CollectiveException {
    int rank = transport.context().rank();
    int worldSize = transport.context().worldSize();
    int length = end - begin;
    for (int k = 1; k < worldSize; k++) {
      for (float[] sum : sums) {
        transport.send((rank + k) % worldSize, step, sum, begin, end);
      }
    }
    for (int peer = 0; peer < worldSize; peer++) {
      for (int node = firstNode[peer]; node < firstNode[peer + 1]; node++) {
        if (peer == rank) {
          fold.place(node, sums[node - firstNode[rank]], begin);
          continue;
        }
        fold.place(node, scratch, node * length);
        transport.receive(peer, step, scratch, node * length, (node + 1) * length);
      }
    }
    transport.await("all-reduce");
    fold.run(length);
    fold.copyOut(0, sums[0], begin, length);
  }
}
