package org.backdraft.driver.worker;

import java.io.IOException;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.sync.Synchronizer;
import org.backdraft.plan.Replica;

/**
 * What connects a rank to the others of its gang, of one kind for each strategy: opened before the
 * rank introduces itself, since its port goes with that, then connected to what the driver tells.
 *
 * <p>Used by the rank's thread.
 */
interface Membership extends AutoCloseable {
  /** The port of this rank's listener, 0 where it has none. */
  int port();

  /**
   * Connects, once.
   *
   * @throws IOException if a peer or shard is missing or refuses this rank
   */
  void connect(PeerTable table) throws IOException, InterruptedException;

  /**
   * What takes the replica from step to step; once, after {@link #connect}. Where training goes on,
   * it has the optimizer's state of then.
   *
   * @param replica holds the first parameters
   */
  Synchronizer synchronizer(Replica replica) throws IOException, InterruptedException;

  /** Ends all connections; the synchronizer is closed before. */
  @Override
  void close();
}
