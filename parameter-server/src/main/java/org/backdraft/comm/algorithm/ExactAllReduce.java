package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.transport.Transport;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.Checks;

/**
 * All-reduce whose result has the bits of one worker that holds all leaves, whatever the number of
 * ranks: every element is added in the order of the leaf tree.
 *
 * <p>Where the world size is a power of two every rank holds one subtree, and {@link
 * RecursiveHalving} adds siblings; for any other {@link DirectExchange} gives the owner of each
 * chunk all subtree sums. The one bit pattern that may differ is the payload of a NaN.
 *
 * <p><b>Cost</b> per rank, for n elements of 4 bytes and N ranks: see the two classes.
 *
 * <p><b>Threads</b>: used by one thread, the one that uses the transport. Allocates on the first
 * call and where a later one needs more room.
 */
public final class ExactAllReduce implements Collectives {
  /**
   * Elements that are exchanged at once: bounds the scratch memory, and keeps a piece in the L3
   * cache between its arrival and its addition.
   */
  static final int DEFAULT_SEGMENT = 1 << 20;

  private final Transport transport;
  private final RecursiveHalving halving;
  private final DirectExchange direct;
  private final int segment;
  private Leaves plannedFor;
  private int subtrees;

  /**
   * @param transport connects all ranks
   * @param adder adds elements; must be plain IEEE addition
   */
  public ExactAllReduce(Transport transport, Adder adder) {
    this(transport, adder, DEFAULT_SEGMENT);
  }

  /** With another segment, so that tests reach many of them with little data. */
  ExactAllReduce(Transport transport, Adder adder, int segment) {
    Checks.argument(
        segment >= Chunks.BLOCK && segment % Chunks.BLOCK == 0,
        "A segment must be a multiple of %d elements: got %d.",
        Chunks.BLOCK,
        segment);
    this.transport = transport;
    this.segment = segment;
    halving = new RecursiveHalving(transport, adder);
    direct = new DirectExchange(transport, adder);
  }

  @Override
  public void allReduce(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException {
    if (!leaves.equals(plannedFor)) {
      plan(leaves);
    }
    check(sums, begin, end);
    int worldSize = transport.context().worldSize();
    if (worldSize == 1) {
      return; // one rank's leaves are the whole tree
    }
    boolean powerOfTwo = Integer.bitCount(worldSize) == 1;
    for (int at = begin; at < end; ) {
      int stop = end - at > segment ? at + segment : end;
      if (powerOfTwo) {
        halving.allReduce(sums[0], at, stop, step);
      } else {
        direct.allReduce(sums, at, stop, step);
      }
      at = stop;
    }
  }

  private void plan(Leaves leaves) {
    int worldSize = transport.context().worldSize();
    subtrees = leaves.rangeOf(transport.context().rank(), worldSize).subtrees().size();
    if (Integer.bitCount(worldSize) != 1) {
      direct.plan(leaves);
    }
    plannedFor = leaves;
  }

  private void check(float[][] sums, int begin, int end) {
    if (sums.length != subtrees) {
      throw new IllegalArgumentException(
          "There must be one array of sums for each of the %d subtrees of rank %d: got %d."
              .formatted(subtrees, transport.context().rank(), sums.length));
    }
    for (float[] sum : sums) {
      if (begin < 0 || begin > end || end > sum.length) {
        throw new IllegalArgumentException(
            "The range to reduce must lie in the arrays: got [%d, %d) of %d elements."
                .formatted(begin, end, sum.length));
      }
    }
  }
}
