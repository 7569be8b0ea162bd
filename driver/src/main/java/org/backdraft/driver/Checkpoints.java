package org.backdraft.driver;

import java.io.IOException;
import java.util.Optional;

/** Where a run's states are kept that another attempt may go on from. Used by one thread. */
interface Checkpoints extends AutoCloseable {
  /**
   * Keeps a state; may return before it is safe.
   *
   * @param attempt that has reached it
   */
  void save(GangState state, int attempt);

  /** The newest state that is whole, once all that was given to {@link #save} is safe or lost. */
  Optional<GangState> newest() throws IOException, InterruptedException;

  /**
   * Waits until all that was given to {@link #save} is safe or lost.
   *
   * @return why the last of it is lost, empty where it is safe
   */
  Optional<String> awaitSaved() throws InterruptedException;

  /** Waits until all that was given to {@link #save} is safe or lost, or the thread interrupted. */
  @Override
  void close() throws IOException;
}
