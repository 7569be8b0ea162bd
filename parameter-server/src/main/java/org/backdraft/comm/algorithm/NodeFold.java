package org.backdraft.comm.algorithm;

import java.util.List;
import org.backdraft.comm.transport.Transport;
import org.backdraft.leaf.TreeSum;
import org.backdraft.tensor.ParameterBlocks;

/**
 * Additions between the nodes of the leaf tree that lie in different arrays, carried out block by
 * block, so that the nodes of a block are read and written in the cache. Reused for each piece.
 */
final class NodeFold {
  private final Adder adder;
  private final int[] targets;
  private final int[] sources;
  private final float[][] values;
  private final int[] bases;

  /**
   * @param nodes how many there are; each {@link #place}d before {@link #run}
   */
  NodeFold(Adder adder, int nodes, List<TreeSum.Addition> additions) {
    this.adder = adder;
    targets = new int[additions.size()];
    sources = new int[additions.size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = additions.get(i).target();
      sources[i] = additions.get(i).source();
    }
    values = new float[nodes][];
    bases = new int[nodes];
  }

  /** Says where the elements of a node lie. */
  void place(int node, float[] array, int base) {
    values[node] = array;
    bases[node] = base;
  }

  /** Adds {@code length} elements of every node in the order of the tree. */
  void run(int length) {
    for (int at = 0; at < length; at += ParameterBlocks.SIZE) {
      int count = Math.min(ParameterBlocks.SIZE, length - at);
      for (int i = 0; i < targets.length; i++) {
        int target = targets[i];
        int source = sources[i];
        adder.add(values[target], bases[target] + at, values[source], bases[source] + at, count);
      }
    }
  }

  /** Copies a node's elements to {@code target}, unless they are there. */
  void copyOut(int node, float[] target, int base, int length) {
    if (values[node] != target || bases[node] != base) {
      System.arraycopy(values[node], bases[node], target, base, length);
    }
  }

  /** Places a node of this fold as {@code otherNode} of another. */
  void placeIn(NodeFold other, int node, int otherNode) {
    other.place(otherNode, values[node], bases[node]);
  }

  /** Posts a send of a node's elements. */
  void send(int node, int length, Transport transport, int peer, long step) {
    transport.send(peer, step, values[node], bases[node], bases[node] + length);
  }
}
