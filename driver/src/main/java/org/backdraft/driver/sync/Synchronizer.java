package org.backdraft.driver.sync;

import java.io.IOException;
import java.util.List;
import org.backdraft.plan.LocalBatch;

/**
 * Takes the ranks of a gang from one step's parameters to the next one's: forward and backward over
 * the local batch, sums over all ranks, update. All ranks enter the same steps in the same order.
 *
 * <p>Used by one thread, the one that uses the replica.
 */
public interface Synchronizer extends AutoCloseable {
  /**
   * One step. Afterwards the replica holds what the next step starts from, except for parameters
   * that are still on their way; {@link #awaitParameters} and {@link #settle} wait for them.
   *
   * @param batch exactly the examples of this rank's leaves, at once or piece by piece; free again
   *     when this returns
   * @param epoch of the batch, from 0
   * @param step from 0
   * @param learningRate of this step
   * @return sums over the global batch, of this step and of those before it that were not known
   *     yet; of none where ranks agree later. Overwritten by the next call
   * @throws DivergedException if the loss is not finite; thrown by all ranks at the same step, and
   *     parameters are those on which all ranks agreed last
   * @throws InterruptedException if the thread was told to stop
   * @throws IOException if a peer is lost or does not answer in time
   */
  StepSums step(LocalBatch batch, int epoch, long step, float learningRate)
      throws IOException, InterruptedException, DivergedException;

  /** Returns when the replica holds all parameters that the next step starts from. */
  void awaitParameters() throws IOException, InterruptedException;

  /**
   * Makes all ranks agree on the parameters and buffers, where they do not after each step: for
   * what needs them equal, an evaluation or the end.
   *
   * @param step that would be next
   * @return sums of the steps that were not known yet; of none where all were
   * @throws DivergedException as {@link #step}
   */
  StepSums settle(long step) throws IOException, InterruptedException, DivergedException;

  /**
   * What this rank keeps of the gang's state, to be copied before the next step, or filled before
   * the first.
   *
   * @param steps that were taken, also before this started; the parameters have been awaited
   * @throws IOException if it cannot be had
   */
  List<KeptArrays> state(long steps) throws IOException, InterruptedException;

  /** Where the time of the last step went; overwritten by the next one. */
  StepTimes times();

  /** Ends threads and connections of this strategy; the replica and the transport live on. */
  @Override
  void close();
}
