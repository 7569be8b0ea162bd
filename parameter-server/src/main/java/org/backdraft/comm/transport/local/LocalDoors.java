package org.backdraft.comm.transport.local;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.tensor.Checks;

/**
 * Where a rank reaches a service of the same JVM without a socket, though both share nothing but
 * the class loader: the service opens a door under its attempt and number, and gets an end of a
 * {@link LocalChannel} for each rank that comes. An entry goes when the door closes.
 *
 * <p>Methods are safe for all threads.
 */
public final class LocalDoors {
  private record Key(long runId, int attempt, int number) {}

  private static final Map<Key, Door> DOORS = new HashMap<>();

  /** A service's door; channels that came through it live on when it closes. */
  public static final class Door implements AutoCloseable {
    private final Key key;
    private final ObjIntConsumer<MessageChannel> visitors;

    private Door(Key key, ObjIntConsumer<MessageChannel> visitors) {
      this.key = key;
      this.visitors = visitors;
    }

    @Override
    public void close() {
      synchronized (DOORS) {
        DOORS.remove(key, this);
      }
    }
  }

  private LocalDoors() {}

  /**
   * Opens a door.
   *
   * @param number of the service
   * @param visitors gets the service's end of each channel and the rank that came, on that rank's
   *     thread; must not block
   * @throws IllegalStateException if there is one under that number
   */
  public static Door open(
      Credentials credentials, int number, ObjIntConsumer<MessageChannel> visitors) {
    Key key = new Key(credentials.runId(), credentials.attempt(), number);
    Door door = new Door(key, visitors);
    synchronized (DOORS) {
      Checks.state(
          DOORS.putIfAbsent(key, door) == null,
          "Service %d of attempt %d must have one door in this JVM: it has one.",
          number,
          key.attempt());
    }
    return door;
  }

  /**
   * A channel to a service.
   *
   * @param rank who comes
   * @throws IOException if it has no door here, or no more
   */
  public static MessageChannel connect(Credentials credentials, int number, int rank)
      throws IOException {
    Key key = new Key(credentials.runId(), credentials.attempt(), number);
    Door door;
    synchronized (DOORS) {
      door = DOORS.get(key);
    }
    if (door == null) {
      throw new IOException(
          "Service %d of attempt %d must have a door in this JVM when rank %d comes: it has none."
              .formatted(number, key.attempt(), rank));
    }
    List<MessageChannel> ends = LocalChannel.pair();
    door.visitors.accept(ends.get(1), rank);
    return ends.get(0);
  }
}
