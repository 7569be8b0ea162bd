package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;

/**
 * All-gather for a world size N that is a power of two, of what {@link RecursiveHalving} has left:
 * its steps backwards, the farthest rank first. At distance d = N/2 … 2, 1 a rank and rank XOR d
 * exchange all they hold and so hold twice as much.
 *
 * <p><b>Communication steps</b>: log2(N). <b>Bytes on the wire</b>, sent per rank for S bytes:
 * S·(N−1)/N, the least that any all-gather needs. <b>Scratch</b>: none.
 *
 * <p><b>Source</b>: Rabenseifner 2004, <em>Optimization of collective reduction operations</em>, §2
 * ("recursive vector doubling and distance halving").
 */
final class RecursiveDoubling implements AllGather {
  private static final int MAX_LEVELS = 31;

  private final Transport transport;
  private final HalvedChunks chunks;
  private final int[] begins = new int[MAX_LEVELS];
  private final int[] ends = new int[MAX_LEVELS];

  RecursiveDoubling(Transport transport, HalvedChunks chunks) {
    this.transport = transport;
    this.chunks = chunks;
  }

  @Override
  public void run(float[] values, int begin, int end, long step) throws CollectiveException {
    int rank = transport.context().rank();
    int levels = Integer.numberOfTrailingZeros(transport.context().worldSize());
    int lo = begin;
    int hi = end;
    for (int level = 0; level < levels; level++) {
      begins[level] = lo;
      ends[level] = hi;
      int middle = chunks.middle(lo, hi);
      if ((rank >> level & 1) == 0) {
        hi = middle;
      } else {
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
}
