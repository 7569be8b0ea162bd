package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;

/**
 * Broadcast for any world size N: the root sends each owner its elements, then all gather.
 *
 * <p><b>Communication steps</b>: 1 and those of the all-gather. <b>Bytes on the wire</b> for S
 * bytes: the root sends S·(N−1)/N and what the all-gather takes, the others the latter alone. A
 * tree would make the root send S·log2(N).
 *
 * <p><b>Source</b>: van de Geijn's broadcast in Thakur, Rabenseifner and Gropp 2005,
 * <em>Optimization of collective communication operations in MPICH</em>, §4.
 */
final class ScatterBroadcast {
  private final Transport transport;
  private final Ownership chunks;
  private final AllGather gather;

  ScatterBroadcast(Transport transport, Ownership chunks, AllGather gather) {
    this.transport = transport;
    this.chunks = chunks;
    this.gather = gather;
  }

  void run(int root, float[] values, int begin, int end, long step) throws CollectiveException {
    int rank = transport.context().rank();
    for (int owner = 0; owner < transport.context().worldSize(); owner++) {
      int from = chunks.begin(owner, begin, end);
      int to = chunks.end(owner, begin, end);
      if (owner == root || to == from) {
        continue;
      }
      if (rank == root) {
        transport.send(owner, step, values, from, to);
      } else if (rank == owner) {
        transport.receive(root, step, values, from, to);
      }
    }
    transport.await("broadcast");
    gather.run(values, begin, end, step);
  }
}
