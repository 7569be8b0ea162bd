package org.backdraft.driver.sync;

import java.io.IOException;
import org.backdraft.plan.BatchSums;
import org.backdraft.plan.GradientListener;
import org.backdraft.plan.ParameterArrival;
import org.backdraft.plan.UpdatePeers;

/**
 * When the exchanges of a step happen, beside or after what the worker computes. The thread that
 * computes calls, step after step, {@link #start}, {@link #await} as the forward pass goes on,
 * {@link #add} from both passes and {@link #finalFrom} as the backward pass goes on, {@link
 * #awaitSums}, {@link #share} and {@link #updated} from the update; or after the sums {@link
 * #skip}.
 *
 * <p>After an exception the gang's connections are dead: nothing but {@link #close} may follow.
 */
sealed interface StepExchange
    extends BatchSums, GradientListener, ParameterArrival, UpdatePeers, AutoCloseable
    permits SerialExchange, OverlappedExchange {
  /** The passes of a step are about to begin. */
  void start(long step) throws IOException;

  /**
   * The backward pass is over. Returns when the sums over all leaves are there: of gradients, for
   * what this rank owns; statistics and loss on all ranks.
   */
  void awaitSums() throws IOException, InterruptedException;

  /**
   * All ranges are updated. Returns when this rank has the new parameters of all ranks, up to one.
   */
  @Override
  void await(int end) throws IOException, InterruptedException;

  /** Ends the step after {@link #awaitSums}: nothing is updated, on any rank. */
  void skip() throws IOException, InterruptedException;

  /** Ends the exchange's thread, if it has one. */
  @Override
  void close();
}
