package org.backdraft.ps;

import java.util.Arrays;

/** A block as its shard keeps it. Guarded by the shard's lock. */
final class ShardedBlock {
  final int number;
  final int begin;
  final BlockRows rows;
  final float[] values;
  final float[][] state;
  final long[] lastClocks; // by worker; unused with bsp
  final int[] lastSequences;
  long updates; // with bsp also the clock that pushes are awaited of

  // What has come of the step that is being summed, with bsp.
  final float[][] nodes;
  final float[][] totals;
  int filled;
  boolean isSummed; // into node 0, and not applied yet: rounds are going on
  double[] measures; // what it contributes to the current one, null while it is not summed

  ShardedBlock(
      int number, int begin, int length, BlockRows rows, int slots, int workers, int nodes) {
    this.number = number;
    this.begin = begin;
    this.rows = rows;
    values = new float[length];
    state = new float[slots][length];
    lastClocks = new long[workers];
    lastSequences = new int[workers];
    Arrays.fill(lastClocks, -1);
    this.nodes = new float[nodes][];
    totals = new float[nodes][];
  }

  /** Forgets what was summed, but for the sum. */
  void keepSum() {
    for (int node = 1; node < nodes.length; node++) {
      nodes[node] = null;
      totals[node] = null;
    }
    isSummed = true;
  }

  /** Forgets the step that was being summed. */
  void clearNodes() {
    Arrays.fill(nodes, null);
    Arrays.fill(totals, null);
    filled = 0;
    isSummed = false;
    measures = null;
  }

  ShardSnapshot.BlockImage image() {
    float[][] copies = new float[state.length][];
    for (int slot = 0; slot < copies.length; slot++) {
      copies[slot] = state[slot].clone();
    }
    return new ShardSnapshot.BlockImage(
        number, updates, values.clone(), copies, lastClocks.clone(), lastSequences.clone());
  }

  void restore(ShardSnapshot.BlockImage image) {
    System.arraycopy(image.values(), 0, values, 0, values.length);
    for (int slot = 0; slot < state.length; slot++) {
      System.arraycopy(image.state()[slot], 0, state[slot], 0, values.length);
    }
    System.arraycopy(image.lastClocks(), 0, lastClocks, 0, lastClocks.length);
    System.arraycopy(image.lastSequences(), 0, lastSequences, 0, lastSequences.length);
    updates = image.updates();
  }
}
