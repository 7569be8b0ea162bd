package org.backdraft.plan;

import java.io.IOException;

/**
 * Parameters that other workers have updated and that may still be on their way when a training
 * step begins, those of the first layers first. Called by the thread that runs the pass, before the
 * operations that read them.
 */
@FunctionalInterface
public interface ParameterArrival {
  /** Where all parameters are there when a step begins. */
  ParameterArrival COMPLETE = end -> {};

  /**
   * Returns when parameters {@code [0, end)} are those of this step.
   *
   * @throws IOException if a worker is lost or does not answer in time
   * @throws InterruptedException if the thread was told to stop
   */
  void await(int end) throws IOException, InterruptedException;
}
