package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;

/**
 * A barrier for any world size N: in round k = 0, 1, … a rank tells rank + 2^k that it is there and
 * waits to hear it from rank − 2^k. After the last round it has heard, by way of others, of all.
 *
 * <p><b>Communication steps</b>: ⌈log2 N⌉, each an empty message. <b>Bytes on the wire</b>: frame
 * headers alone.
 *
 * <p><b>Source</b>: Hensgen, Finkel and Manber 1988, <em>Two algorithms for barrier
 * synchronization</em>, §4.
 */
final class DisseminationBarrier {
  private static final float[] NOTHING = {};

  private final Transport transport;

  DisseminationBarrier(Transport transport) {
    this.transport = transport;
  }

  void run(long step) throws CollectiveException {
    int rank = transport.context().rank();
    int worldSize = transport.context().worldSize();
    for (int distance = 1; distance < worldSize; distance *= 2) {
      transport.send((rank + distance) % worldSize, step, NOTHING, 0, 0);
      transport.receive((rank - distance + worldSize) % worldSize, step, NOTHING, 0, 0);
      transport.await("barrier");
    }
  }
}
