package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;

/**
 * All-gather for any world size N in which a rank talks to its two neighbours alone: it hands on
 * what came last, N−1 times. No arithmetic, so every sum stays as exact as it was.
 *
 * <p><b>Communication steps</b>: N−1. <b>Bytes on the wire</b>, sent per rank for S bytes:
 * S·(N−1)/N. <b>Scratch</b>: none. Against {@link DirectGather}: two connections a rank instead of
 * N−1, N−1 latencies instead of one.
 *
 * <p><b>Source</b>: the ring all-gather of Thakur, Rabenseifner and Gropp 2005, <em>Optimization of
 * collective communication operations in MPICH</em>, §3.
 */
final class RingGather implements AllGather {
  private final Transport transport;
  private final Ownership chunks;

  RingGather(Transport transport, Ownership chunks) {
    this.transport = transport;
    this.chunks = chunks;
  }

  @Override
  public void run(float[] values, int begin, int end, long step) throws CollectiveException {
    int rank = transport.context().rank();
    int worldSize = transport.context().worldSize();
    int next = (rank + 1) % worldSize;
    int previous = (rank - 1 + worldSize) % worldSize;
    for (int k = 0; k < worldSize - 1; k++) {
      int sent = (rank - k + worldSize) % worldSize;
      int from = chunks.begin(sent, begin, end);
      int to = chunks.end(sent, begin, end);
      if (to > from) {
        transport.send(next, step, values, from, to);
      }
      int received = (rank - k - 1 + worldSize) % worldSize;
      from = chunks.begin(received, begin, end);
      to = chunks.end(received, begin, end);
      if (to > from) {
        transport.receive(previous, step, values, from, to);
      }
      transport.await("all-gather");
    }
  }
}
