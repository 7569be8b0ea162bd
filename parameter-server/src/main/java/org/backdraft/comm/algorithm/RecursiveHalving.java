package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;
import org.backdraft.leaf.Leaves;

/**
 * Reduce-scatter for a world size N that is a power of two, nearest rank first.
 *
 * <p>At distance d = 1, 2, 4 … a rank exchanges halves of its range with rank XOR d and adds the
 * partner's half to its own. Both then hold the sum over the 2d ranks of one aligned group, which
 * is one node of the leaf tree: partner and rank are its two children, and IEEE addition commutes.
 * So the order of additions is the tree's.
 *
 * <p><b>Communication steps</b>: log2(N), for a range of up to twice a piece. <b>Bytes on the
 * wire</b>, sent per rank for S bytes: S·(N−1)/N. <b>Additions</b>: n·(N−1)/N. <b>Scratch</b>: a
 * piece. Elements are owned as {@link HalvedChunks} says.
 *
 * <p><b>Source</b>: Rabenseifner 2004, <em>Optimization of collective reduction operations</em>, §2
 * ("recursive vector halving and distance doubling").
 */
final class RecursiveHalving implements ReduceScatter {
  private final Transport transport;
  private final Adder adder;
  private final HalvedChunks chunks;
  private final int piece;
  private float[] scratch = {};

  /**
   * @param piece elements that are received before they are added
   */
  RecursiveHalving(Transport transport, Adder adder, HalvedChunks chunks, int piece) {
    this.transport = transport;
    this.adder = adder;
    this.chunks = chunks;
    this.piece = piece;
  }

  @Override
  public void plan(Leaves leaves) {
    // Every rank holds one subtree, whatever the leaves are.
  }

  @Override
  public void run(float[][] sums, int begin, int end, long step) throws CollectiveException {
    int rank = transport.context().rank();
    int worldSize = transport.context().worldSize();
    int lo = begin;
    int hi = end;
    for (int distance = 1; distance < worldSize; distance *= 2) {
      int middle = chunks.middle(lo, hi);
      if ((rank & distance) == 0) {
        exchangeAndAdd(rank ^ distance, sums[0], middle, hi, lo, middle, step);
        hi = middle;
      } else {
        exchangeAndAdd(rank ^ distance, sums[0], lo, middle, middle, hi, step);
        lo = middle;
      }
    }
  }

  private void exchangeAndAdd(
      int partner, float[] values, int sendBegin, int sendEnd, int begin, int end, long step)
      throws CollectiveException {
    int longest = Math.max(sendEnd - sendBegin, end - begin);
    if (scratch.length < Math.min(piece, end - begin)) {
      scratch = new float[Math.min(piece, end - begin)];
    }
    for (long at = 0; at < longest; at += piece) {
      int offset = (int) at;
      // Both ranks know the borders, so an empty piece is not sent at all.
      int sent = Math.min(piece, sendEnd - sendBegin - offset);
      if (sent > 0) {
        transport.send(partner, step, values, sendBegin + offset, sendBegin + offset + sent);
      }
      int received = Math.min(piece, end - begin - offset);
      if (received > 0) {
        transport.receive(partner, step, scratch, 0, received);
      }
      transport.await("reduce-scatter");
      if (received > 0) {
        adder.add(values, begin + offset, scratch, 0, received);
      }
    }
  }
}
