package org.backdraft.driver.sync;

import org.backdraft.comm.Collectives;
import org.backdraft.comm.compression.CompressedCollectives;
import org.backdraft.comm.transport.Transport;
import org.backdraft.optim.ImplicitSgd;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ParameterBlocks;

/** Makes the strategies of ranks that talk to each other, without a server. */
public final class PeerSynchronizers {
  private PeerSynchronizers() {}

  /**
   * The strategy of one rank.
   *
   * @param transport connects all ranks; closed by who made it
   * @param exact of all ranks, over that transport; owns whole blocks of parameters
   * @param examplesBefore of the step before the first, 0 where there was none
   */
  public static Synchronizer create(
      SyncSpec spec,
      Replica replica,
      Transport transport,
      Collectives exact,
      Updates updates,
      int examplesBefore) {
    StateLayout layout =
        StateLayout.of(
            updates, spec, transport.context().worldSize(), replica.plan().parameterTable().size());
    SyncSpec.Economy economy = spec.economy();
    return switch (spec.strategy()) {
      case ALL_REDUCE ->
          economy.compression().isNone()
              ? allReduce(spec, replica, transport, exact, exact, updates)
              : compressed(spec, replica, transport, exact, updates, layout, examplesBefore);
      case LOCAL_SGD ->
          new LocalSgdSynchronizer(
              replica,
              exact,
              transport.context(),
              updates,
              economy.averageEvery(),
              economy.averageOptimizer(),
              layout);
      case PARAMETER_SERVER ->
          throw new IllegalArgumentException("Ranks without a server cannot follow " + spec + ".");
    };
  }

  private static Synchronizer allReduce(
      SyncSpec spec,
      Replica replica,
      Transport transport,
      Collectives collectives,
      Collectives exact,
      Updates updates) {
    Synchronizer steps =
        new AllReduceSynchronizer(
            replica, collectives, exact, transport.context(), updates, spec.bucketBytes());
    return updates.optimizer() instanceof ImplicitSgd rule
        ? new ImplicitSynchronizer(steps, replica, updates, rule)
        : steps;
  }

  private static Synchronizer compressed(
      SyncSpec spec,
      Replica replica,
      Transport transport,
      Collectives exact,
      Updates updates,
      StateLayout layout,
      int examplesBefore) {
    CompressedCollectives collectives =
        new CompressedCollectives(
            transport,
            replica.plan().kernels().matrix()::add,
            exact,
            spec.economy().compression().codec(),
            replica.plan().reduction().parameters());
    collectives.goOnAfter(examplesBefore);
    return new CompressedSynchronizer(
        allReduce(spec, replica, transport, collectives, exact, updates),
        collectives,
        new ParameterBlocks(replica.plan().parameterTable()),
        layout.rankSlot(transport.context().rank()));
  }
}
