package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;
import org.backdraft.leaf.Leaves;

/**
 * A way to sum short ranges on all ranks at once, where what counts is the number of steps and not
 * that of bytes.
 */
interface ShortSum {
  /** Prepares for batches that are cut into {@code leaves}; called before the first of them. */
  void plan(Leaves leaves);

  /** The longest range that is short; the same on all ranks. */
  int mostElements();

  /** Sums {@code [begin, end)} of all ranks' nodes into {@code sums[0]} on every rank. */
  void run(float[][] sums, int begin, int end, long step) throws CollectiveException;
}
