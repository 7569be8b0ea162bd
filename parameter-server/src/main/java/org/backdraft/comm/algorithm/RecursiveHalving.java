package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;

/**
 * All-reduce for a world size N that is a power of two: reduce-scatter by recursive halving,
 * nearest rank first, then all-gather by recursive doubling, farthest rank first.
 *
 * <p>At distance d = 1, 2, 4 … a rank exchanges halves of its range with rank XOR d and adds the
 * partner's half to its own. Both then hold the sum over the 2d ranks of one aligned group, which
 * is one node of the leaf tree: partner and rank are its two children, and IEEE addition commutes.
 * So the order of additions is the tree's.
 *
 * <p><b>Communication steps</b>: 2·log2(N). <b>Bytes on the wire</b>, sent per rank for S bytes:
 * 2·S·(N−1)/N. <b>Additions</b>: n·(N−1)/N. <b>Scratch</b>: half the range.
 *
 * <p><b>Source</b>: Rabenseifner 2004, <em>Optimization of collective reduction operations</em>, §2
 * ("recursive vector halving and distance doubling").
 */
final class RecursiveHalving {
  private static final int MAX_LEVELS = 31;

  private final Transport transport;
  private final Adder adder;
  private final int[] begins = new int[MAX_LEVELS];
  private final int[] ends = new int[MAX_LEVELS];
  private float[] scratch = {};

  RecursiveHalving(Transport transport, Adder adder) {
    this.transport = transport;
    this.adder = adder;
  }

  /** Sums {@code values[begin, end)} over all ranks, in place. */
  void allReduce(float[] values, int begin, int end, long step) throws CollectiveException {
    int rank = transport.context().rank();
    int levels = Integer.numberOfTrailingZeros(transport.context().worldSize());
    int lo = begin;
    int hi = end;
    for (int level = 0; level < levels; level++) {
      begins[level] = lo;
      ends[level] = hi;
      int middle = Chunks.middle(lo, hi);
      boolean keepsLow = (rank >> level & 1) == 0;
      int partner = rank ^ 1 << level;
      if (keepsLow) {
        exchangeAndAdd(partner, values, middle, hi, lo, middle, step);
        hi = middle;
      } else {
        exchangeAndAdd(partner, values, lo, middle, middle, hi, step);
        lo = middle;
      }
    }
    for (int level = levels - 1; level >= 0; level--) {
      int partner = rank ^ 1 << level;
      if (hi > lo) {
        transport.send(partner, step, values, lo, hi);
      }
      if (lo > begins[level]) {
        transport.receive(partner, step, values, begins[level], lo);
      } else if (hi < ends[level]) {
        transport.receive(partner, step, values, hi, ends[level]);
      }
      lo = begins[level];
      hi = ends[level];
      transport.await("all-gather");
    }
  }

  private void exchangeAndAdd(
      int partner, float[] values, int sendBegin, int sendEnd, int begin, int end, long step)
      throws CollectiveException {
    int length = end - begin;
    if (scratch.length < length) {
      scratch = new float[length];
    }
    // Both ranks know the borders, so an empty half is not sent at all.
    if (sendEnd > sendBegin) {
      transport.send(partner, step, values, sendBegin, sendEnd);
    }
    if (length > 0) {
      transport.receive(partner, step, scratch, 0, length);
    }
    transport.await("reduce-scatter");
    adder.add(values, begin, scratch, 0, length);
  }
}
