package org.backdraft.plan;

import java.io.IOException;

/**
 * The other workers, as a worker needs them that updates a part of the parameters only. Called by
 * the thread that updates.
 */
public interface UpdatePeers {
  /** Of a worker that owns all parameters. */
  UpdatePeers NONE =
      new UpdatePeers() {
        @Override
        public void share(double[][] blockSums) {}

        @Override
        public void updated(int range) {}
      };

  /**
   * Makes sums over blocks known to all workers, to the bit. All workers enter it together, with
   * arrays of the same lengths.
   *
   * @param blockSums for each kind of sum an array with a number for each block of all parameters:
   *     set for the blocks that this worker owns, 0 for others, and complete afterwards
   * @throws IOException if a worker is lost or does not answer in time
   */
  void share(double[][] blockSums) throws IOException;

  /**
   * The parameters of a range of {@link OwnedParameters} are those of the next step; told of the
   * last range first.
   */
  void updated(int range);
}
