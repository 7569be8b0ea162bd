package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.leaf.Leaves;

/** A way to sum ranges of all ranks to the owners of their elements. */
interface ReduceScatter {
  /** Prepares for batches that are cut into {@code leaves}; called before the first of them. */
  void plan(Leaves leaves);

  /**
   * Sums {@code [begin, end)} of all ranks' nodes; the finished sums lie in {@code sums[0]}, in
   * what this rank owns.
   *
   * @param sums one array for each subtree of this rank
   */
  void run(float[][] sums, int begin, int end, long step) throws CollectiveException;
}
