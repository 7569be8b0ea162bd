package org.backdraft.comm.transport;

import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;

/**
 * Moves ranges of floats between the ranks of one gang. One thread per rank uses it at a time: it
 * posts sends and receives, then waits for all of them together.
 *
 * <p>Between two ranks messages arrive in the order of their posting; a receive's length must equal
 * the length that was sent. A float is moved as its bits, also where they are those of a NaN:
 * compressed gradients travel so.
 *
 * <pre>{@code
 * transport.send(peer, step, sums, half, end);    // right: both posted, then awaited
 * transport.receive(peer, step, scratch, 0, half);
 * transport.await("reduce-scatter");
 *
 * transport.send(peer, step, sums, half, end);    // wrong: both ranks wait for the other to read
 * transport.await("reduce-scatter");
 * transport.receive(peer, step, scratch, 0, half);
 * }</pre>
 */
public interface Transport extends AutoCloseable {
  RankContext context();

  /** Posts a send of {@code source[begin, end)}, which must not change before {@link #await}. */
  void send(int peer, long step, float[] source, int begin, int end);

  /** Posts a receive into {@code target[begin, end)}, undefined before {@link #await} returns. */
  void receive(int peer, long step, float[] target, int begin, int end);

  /**
   * Completes everything posted since the last call.
   *
   * @param operation for the message of an error
   * @throws CollectiveException if a peer is lost, silent past the deadline, or sends what was not
   *     expected; nothing may be posted any more
   */
  void await(String operation) throws CollectiveException;

  /**
   * The time, in all, that {@link #await} has spent before the first byte of something that was to
   * be received came from each peer concerned: that peer had not entered yet, or was held up by
   * others; the latency of the network is included. The rest of the time in {@link #await} bytes
   * moved.
   *
   * <p>Safe for any thread, and goes on during a wait.
   */
  long waitedNanos();

  /** Ends the connections; peers that wait see {@link CollectiveException.PeerLost}. */
  @Override
  void close();
}
