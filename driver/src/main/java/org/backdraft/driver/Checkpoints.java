package org.backdraft.driver;

import java.io.IOException;
import java.util.Optional;
import org.backdraft.driver.failure.ConfigurationException;

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
   * The newest state, which a run goes on from that is resumed.
   *
   * @param folder of the checkpoints, for a message
   * @throws ConfigurationException if there is none
   */
  default GangState resumed(String folder) throws IOException, InterruptedException {
    Optional<GangState> saved = newest();
    ConfigurationException.require(
        saved.isPresent(),
        "A run that is resumed must have a checkpoint: there is none in %s. It has none where"
            + " checkpoint.every=never, and before the first was due.",
        folder);
    return saved.get();
  }

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
