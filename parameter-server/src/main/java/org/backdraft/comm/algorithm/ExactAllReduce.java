package org.backdraft.comm.algorithm;

import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.Transport;
import org.backdraft.tensor.Checks;

/**
 * Collectives whose sums have the bits of one worker that holds all leaves, whatever the number of
 * ranks: every element is added in the order of the leaf tree.
 *
 * <p>Where the world size is a power of two every rank holds one subtree, and {@link
 * RecursiveHalving} adds siblings; for any other {@link DirectExchange} gives the owner of each
 * chunk all subtree sums. The all-gather moves bits only, so any is exact. The one bit pattern that
 * may differ is the payload of a NaN.
 *
 * <p><b>Cost</b> per rank: that of the two classes that {@link ExactAlgorithm} names. An all-reduce
 * of a short range takes half the steps instead: {@link DoublingSum}, {@link DirectSum}.
 *
 * <p><b>Threads</b>: used by one thread, the one that uses the transport. Allocates on the first
 * call and where a later one needs more room.
 */
public final class ExactAllReduce extends ComposedCollectives {
  /** With the default way for the gang's size, and blocks counted from element 0. */
  public ExactAllReduce(Transport transport, Adder adder) {
    this(
        transport,
        adder,
        BlockBorders.uniform(),
        ExactAlgorithm.defaultFor(transport.context().worldSize()));
  }

  /**
   * @param transport connects all ranks
   * @param adder adds elements; must be plain IEEE addition
   * @param borders where what ranks own may begin and end; the same on all ranks
   * @param algorithm the same on all ranks
   * @throws IllegalArgumentException if the algorithm does not fit the number of ranks
   */
  public ExactAllReduce(
      Transport transport, Adder adder, BlockBorders borders, ExactAlgorithm algorithm) {
    this(transport, adder, borders, algorithm, DEFAULT_SEGMENT);
  }

  /** With another segment, so that tests reach many pieces with little data. */
  ExactAllReduce(
      Transport transport,
      Adder adder,
      BlockBorders borders,
      ExactAlgorithm algorithm,
      int segment) {
    super(transport, parts(transport, adder, borders, algorithm, segment));
  }

  private static Parts parts(
      Transport transport,
      Adder adder,
      BlockBorders borders,
      ExactAlgorithm algorithm,
      int segment) {
    RankContext context = transport.context();
    int worldSize = context.worldSize();
    Checks.argument(
        algorithm.fits(worldSize),
        "The number of ranks must be a power of two for %s: got %d. Use DIRECT or DIRECT_RING.",
        algorithm,
        worldSize);
    HalvedChunks halved = new HalvedChunks(borders, worldSize);
    DealtChunks dealt = new DealtChunks(borders, worldSize);
    return switch (algorithm) {
      case HALVING_DOUBLING ->
          new Parts(
              halved,
              new RecursiveHalving(transport, adder, halved, piece(segment, 2)),
              new RecursiveDoubling(transport, halved),
              new DoublingSum(transport, adder));
      case HALVING_RING ->
          new Parts(
              halved,
              new RecursiveHalving(transport, adder, halved, piece(segment, 2)),
              new RingGather(transport, halved),
              new DoublingSum(transport, adder));
      case DIRECT ->
          new Parts(
              dealt,
              new DirectExchange(transport, adder, dealt, piece(segment, worldSize)),
              new DirectGather(transport, dealt),
              new DirectSum(transport, adder));
      case DIRECT_RING ->
          new Parts(
              dealt,
              new DirectExchange(transport, adder, dealt, piece(segment, worldSize)),
              new RingGather(transport, dealt),
              new DirectSum(transport, adder));
    };
  }
}
