package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;

/**
 * All-gather for any world size N: every owner sends its elements to every other rank.
 *
 * <p><b>Communication steps</b>: 1, with N−1 messages. <b>Bytes on the wire</b>, sent per rank for
 * S bytes: S·(N−1)/N. <b>Scratch</b>: none.
 *
 * <p><b>Source</b>: the linear all-gather of Thakur, Rabenseifner and Gropp 2005, <em>Optimization
 * of collective communication operations in MPICH</em>, §3.
 */
final class DirectGather implements AllGather {
  private final Transport transport;
  private final Ownership chunks;

  DirectGather(Transport transport, Ownership chunks) {
    this.transport = transport;
    this.chunks = chunks;
  }

  @Override
  public void run(float[] values, int begin, int end, long step) throws CollectiveException {
    int rank = transport.context().rank();
    int worldSize = transport.context().worldSize();
    int lo = chunks.begin(rank, begin, end);
    int hi = chunks.end(rank, begin, end);
    for (int k = 1; k < worldSize && hi > lo; k++) {
      transport.send((rank + k) % worldSize, step, values, lo, hi);
    }
    for (int k = 1; k < worldSize; k++) {
      int owner = (rank - k + worldSize) % worldSize;
      int from = chunks.begin(owner, begin, end);
      int to = chunks.end(owner, begin, end);
      if (to > from) {
        transport.receive(owner, step, values, from, to);
      }
    }
    transport.await("all-gather");
  }
}
