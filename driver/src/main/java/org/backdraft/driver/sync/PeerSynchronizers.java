package org.backdraft.driver.sync;

import org.backdraft.comm.Collectives;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.comm.algorithm.ExactAllReduce;
import org.backdraft.comm.compression.CompressedCollectives;
import org.backdraft.comm.transport.Transport;
import org.backdraft.plan.Replica;

/** Makes the strategies of ranks that talk to each other, without a server. */
public final class PeerSynchronizers {
  private PeerSynchronizers() {}

  /**
   * The strategy of one rank.
   *
   * @param transport connects all ranks; closed by who made it
   */
  public static Synchronizer create(
      SyncSpec spec, Replica replica, Transport transport, Updates updates) {
    Adder adder = replica.plan().kernels().matrix()::add;
    Collectives exact = new ExactAllReduce(transport, adder);
    return switch (spec.strategy()) {
      case ALL_REDUCE ->
          spec.compression().isNone()
              ? new AllReduceSynchronizer(replica, exact, updates)
              : compressed(spec, replica, transport, updates, exact);
      case LOCAL_SGD ->
          new LocalSgdSynchronizer(
              replica,
              exact,
              transport.context(),
              updates,
              spec.averageEvery(),
              spec.averageOptimizer());
    };
  }

  private static Synchronizer compressed(
      SyncSpec spec, Replica replica, Transport transport, Updates updates, Collectives exact) {
    CompressedCollectives collectives =
        new CompressedCollectives(
            transport,
            replica.plan().kernels().matrix()::add,
            exact,
            spec.compression().codec(),
            replica.plan().reduction().parameters());
    return new CompressedSynchronizer(
        new AllReduceSynchronizer(replica, collectives, updates), collectives);
  }
}
