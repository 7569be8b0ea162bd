package org.backdraft.comm.algorithm;

import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.transport.Transport;

/**
 * Collectives over a ring, for {@code sync.order=fast}: the fewest bytes for every N, two
 * connections a rank. <b>Not exact</b>: the bits of a sum depend on the number of ranks; see {@link
 * RingReduceScatter}. All ranks of one run still hold the same bits.
 *
 * <p><b>Cost</b> per rank: {@link RingReduceScatter} and {@link RingGather}, 2·S·(N−1)/N bytes.
 *
 * <p><b>Threads</b>: used by one thread, the one that uses the transport.
 */
public final class RingAllReduce extends ComposedCollectives {
  /**
   * @param borders where what ranks own may begin and end; the same on all ranks
   */
  public RingAllReduce(Transport transport, Adder adder, BlockBorders borders) {
    this(transport, adder, borders, DEFAULT_SEGMENT);
  }

  /** With another segment, so that tests reach many pieces with little data. */
  RingAllReduce(Transport transport, Adder adder, BlockBorders borders, int segment) {
    super(transport, parts(transport, adder, borders, segment));
  }

  private static Parts parts(Transport transport, Adder adder, BlockBorders borders, int segment) {
    DealtChunks chunks = new DealtChunks(borders, transport.context().worldSize());
    return new Parts(
        chunks,
        new RingReduceScatter(transport, adder, chunks, piece(segment, 2)),
        new RingGather(transport, chunks),
        null);
  }
}
