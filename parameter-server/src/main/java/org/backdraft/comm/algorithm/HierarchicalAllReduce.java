package org.backdraft.comm.algorithm;

import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.transport.Transport;
import org.backdraft.tensor.Checks;

/**
 * Collectives for gangs with several ranks on a host or in a JVM: sums are formed there first, so
 * less goes through the network. Exact as {@link ExactAllReduce} is, with the same bits; possible
 * where {@link HostGroups#reasonAgainst} gives no reason against it. For the full gain the ranks of
 * a host are connected by memory, as a {@link org.backdraft.comm.transport.TieredTransport} does.
 *
 * <p><b>Cost</b> per rank: {@link HostExchange} and {@link HostGather}.
 *
 * <p><b>Threads</b>: used by one thread, the one that uses the transport.
 */
public final class HierarchicalAllReduce extends ComposedCollectives {
  /**
   * @param borders where what ranks own may begin and end; the same on all ranks
   * @param hosts which ranks share a host; the same on all ranks
   */
  public HierarchicalAllReduce(
      Transport transport, Adder adder, BlockBorders borders, HostGroups hosts) {
    this(transport, adder, borders, hosts, DEFAULT_SEGMENT);
  }

  /** With another segment, so that tests reach many pieces with little data. */
  HierarchicalAllReduce(
      Transport transport, Adder adder, BlockBorders borders, HostGroups hosts, int segment) {
    super(transport, parts(transport, adder, borders, hosts, segment));
  }

  private static Parts parts(
      Transport transport, Adder adder, BlockBorders borders, HostGroups hosts, int segment) {
    int worldSize = transport.context().worldSize();
    Checks.argument(
        hosts.worldSize() == worldSize,
        "There must be a host for each of %d ranks: got %d.",
        worldSize,
        hosts.worldSize());
    DealtChunks chunks = new DealtChunks(borders, worldSize);
    return new Parts(
        chunks,
        new HostExchange(transport, adder, chunks, hosts, piece(segment, worldSize)),
        new HostGather(transport, chunks, hosts),
        null);
  }
}
