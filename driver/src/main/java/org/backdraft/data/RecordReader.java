package org.backdraft.data;

import org.backdraft.plan.Batch;

/** Turns encoded records into the examples of a batch; used by one thread. */
interface RecordReader {
  /** In place of an epoch: the example as it is, as in evaluations. */
  int UNCHANGED = -1;

  /**
   * Writes record {@code record} of the block as example {@code place} of the batch: its input, and
   * its labels or targets.
   *
   * @param epoch from 0, for random changes of the example; or {@link #UNCHANGED}
   * @throws DataException if the record is not what its format says; names example and what was
   *     found
   */
  void read(RecordBlock block, int record, int epoch, Batch batch, int place) throws DataException;
}
