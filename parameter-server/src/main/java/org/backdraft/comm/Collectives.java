package org.backdraft.comm;

import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;

/**
 * Operations that all ranks of a gang enter together, in the same order. Each ends, or fails with a
 * {@link CollectiveException}, before its deadline; after a failure the gang's connections are
 * dead.
 */
public interface Collectives {
  /**
   * Sums over the leaves of all ranks in the fixed tree order: afterwards {@code sums[0][i]}, i in
   * {@code [begin, end)}, holds on every rank the sum over all leaves, with the bits of one worker.
   *
   * @param leaves how the global batch is cut
   * @param sums one array per node of this rank's {@link LeafRange#subtrees}; all are overwritten
   *     in {@code [begin, end)}
   * @param step for messages and frames
   */
  void allReduce(Leaves leaves, float[][] sums, int begin, int end, long step)
      throws CollectiveException;
}
