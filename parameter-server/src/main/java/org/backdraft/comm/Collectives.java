package org.backdraft.comm;

import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;

/**
 * Operations that all ranks of a gang enter together, in the same order and with the same ranges.
 * Each ends, or fails with a {@link CollectiveException}, before its deadline; after a failure the
 * gang's connections are dead.
 *
 * <p>Every element of a range is owned by one rank ({@link #owned}). A training step sums the
 * gradients to their owners, updates there, and hands the new parameters to all:
 *
 * <pre>{@code
 * ElementRange mine = collectives.owned(rank, begin, end);       // once, it never changes
 * collectives.reduceScatter(leaves, sums, begin, end, step);
 * optimizer.update(parameters, sums[0], mine.begin(), mine.end());  // right: what this rank owns
 * collectives.allGather(parameters, begin, end, step);
 *
 * optimizer.update(parameters, sums[0], begin, end);  // wrong: sums outside `mine` are unfinished
 * }</pre>
 */
public interface Collectives {
  /**
   * Sums over the leaves of all ranks to the elements' owners: afterwards {@code sums[0][i]} holds,
   * for every i that this rank owns in {@code [begin, end)}, the sum over all leaves. The other
   * elements of the range hold nothing of use.
   *
   * @param leaves how the global batch is cut
   * @param sums one array per node of this rank's {@link LeafRange#subtrees}; all are overwritten
   *     in {@code [begin, end)}
   * @param step for messages and frames
   */
  void reduceScatter(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException;

  /**
   * Hands what each rank owns of {@code [begin, end)} to all: afterwards {@code values} is the same
   * on every rank there.
   *
   * @param values written in {@code [begin, end)} outside what this rank owns
   */
  void allGather(float[] values, int begin, int end, long step) throws CollectiveException;

  /**
   * The elements of {@code [begin, end)} that {@code rank} owns; a function of its arguments and of
   * the gang's size alone. Cut at {@link BlockBorders}; may be empty in a short range. The ranges
   * of all ranks cover {@code [begin, end)} without overlap, not always in the order of ranks.
   */
  ElementRange owned(int rank, int begin, int end);

  /**
   * Sums over the leaves of all ranks: afterwards {@code sums[0][i]}, i in {@code [begin, end)},
   * holds on every rank the sum over all leaves, with the bits of {@link #reduceScatter} and {@link
   * #allGather} of {@code sums[0]}.
   *
   * @param sums as for {@link #reduceScatter}
   */
  void allReduce(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException;

  /**
   * Copies {@code values[begin, end)} of {@code root} to all ranks.
   *
   * @param values read at the root, written elsewhere
   */
  void broadcast(int root, float[] values, int begin, int end, long step)
      throws CollectiveException;

  /** Returns when every rank has entered. */
  void barrier(long step) throws CollectiveException;

  /**
   * The time, in all, that this rank has waited in collectives before its peers had entered; see
   * {@link org.backdraft.comm.transport.Transport#waitedNanos}. Safe for any thread.
   */
  long waitedNanos();
}
