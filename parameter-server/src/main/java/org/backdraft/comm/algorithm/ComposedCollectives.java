package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.ElementRange;
import org.backdraft.comm.transport.Transport;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterBlocks;

/** Collectives put together from a way to reduce and a way to gather that share one ownership. */
abstract sealed class ComposedCollectives implements Collectives
    permits ExactAllReduce, HierarchicalAllReduce, RingAllReduce {
  /**
   * Elements that a gang exchanges at once: bounds the scratch memory, and keeps a piece in the
   * cache between its arrival and its addition.
   */
  static final int DEFAULT_SEGMENT = 1 << 20;

  /**
   * The parts, which share one transport.
   *
   * @param shortSum of ranges that are not worth cutting, null to cut them all
   */
  record Parts(
      Ownership ownership, ReduceScatter reduceScatter, AllGather allGather, ShortSum shortSum) {}

  private final Transport transport;
  private final Parts parts;
  private final DisseminationBarrier barrier;
  private final ScatterBroadcast broadcast;
  private Leaves plannedFor;
  private int subtrees;

  ComposedCollectives(Transport transport, Parts parts) {
    this.transport = transport;
    this.parts = parts;
    barrier = new DisseminationBarrier(transport);
    broadcast = new ScatterBroadcast(transport, parts.ownership(), parts.allGather());
  }

  /** The part of a segment that one of {@code parts} receives at once: whole blocks. */
  static int piece(int segment, int parts) {
    Checks.argument(
        segment >= ParameterBlocks.SIZE && segment % ParameterBlocks.SIZE == 0,
        "A segment must be a multiple of %d elements: got %d.",
        ParameterBlocks.SIZE,
        segment);
    int blocks = segment / ParameterBlocks.SIZE;
    return Math.max(1, blocks / parts) * ParameterBlocks.SIZE;
  }

  @Override
  public final void reduceScatter(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException {
    planAndCheck(leaves, sums, begin, end);
    // One rank's leaves are the whole tree; an empty range has nothing to say.
    if (transport.context().worldSize() > 1 && end > begin) {
      parts.reduceScatter().run(sums, begin, end, step);
    }
  }

  @Override
  public final void allGather(float[] values, int begin, int end, long step)
      throws CollectiveException {
    check(values, begin, end);
    if (transport.context().worldSize() > 1 && end > begin) {
      parts.allGather().run(values, begin, end, step);
    }
  }

  @Override
  public final ElementRange owned(int rank, int begin, int end) {
    Checks.argument(
        rank >= 0 && rank < transport.context().worldSize(),
        "An owner must be a rank in [0, %d): got %d.",
        transport.context().worldSize(),
        rank);
    return new ElementRange(
        parts.ownership().begin(rank, begin, end), parts.ownership().end(rank, begin, end));
  }

  @Override
  public final void allReduce(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException {
    planAndCheck(leaves, sums, begin, end);
    if (transport.context().worldSize() == 1 || end == begin) {
      return;
    }
    ShortSum shortSum = parts.shortSum();
    if (shortSum != null && end - begin <= shortSum.mostElements()) {
      shortSum.run(sums, begin, end, step);
    } else {
      parts.reduceScatter().run(sums, begin, end, step);
      parts.allGather().run(sums[0], begin, end, step);
    }
  }

  @Override
  public final void broadcast(int root, float[] values, int begin, int end, long step)
      throws CollectiveException {
    check(values, begin, end);
    int worldSize = transport.context().worldSize();
    if (root < 0 || root >= worldSize) {
      throw new IllegalArgumentException(
          "The root of a broadcast must be a rank in [0, %d): got %d.".formatted(worldSize, root));
    }
    if (worldSize > 1 && end > begin) {
      broadcast.run(root, values, begin, end, step);
    }
  }

  @Override
  public final void barrier(long step) throws CollectiveException {
    barrier.run(step);
  }

  @Override
  public final long waitedNanos() {
    return transport.waitedNanos();
  }

  private void plan(Leaves leaves) {
    int worldSize = transport.context().worldSize();
    subtrees = leaves.rangeOf(transport.context().rank(), worldSize).subtrees().size();
    parts.reduceScatter().plan(leaves);
    if (parts.shortSum() != null) {
      parts.shortSum().plan(leaves);
    }
    plannedFor = leaves;
  }

  private void planAndCheck(Leaves leaves, float[][] sums, int begin, int end) {
    if (!leaves.equals(plannedFor)) {
      plan(leaves);
    }
    if (sums.length != subtrees) {
      throw new IllegalArgumentException(
          "There must be one array of sums for each of the %d subtrees of rank %d: got %d."
              .formatted(subtrees, transport.context().rank(), sums.length));
    }
    for (float[] sum : sums) {
      check(sum, begin, end);
    }
  }

  private static void check(float[] values, int begin, int end) {
    if (begin < 0 || begin > end || end > values.length) {
      throw new IllegalArgumentException(
          "A collective's range must lie in its arrays: got [%d, %d) of %d elements."
              .formatted(begin, end, values.length));
    }
  }
}
