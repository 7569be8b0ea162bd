package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.tensor.Checks;

/**
 * The driver's end of the control channels of one attempt: listens, lets in the ranks that prove
 * that they know the secret, and hands each channel to a {@link Listener}.
 *
 * <p>One thread, {@code backdraft-control-accept-0}, accepts; the channels are used by threads of
 * the listener's own. Methods are safe for all threads.
 */
public final class ControlServer implements AutoCloseable {
  /** Told, on the accepting thread, of those who come; must not block. */
  public interface Listener {
    /** {@code rank} has a channel now; whoever gets it receives from it and closes it. */
    void connected(int rank, MessageChannel channel);

    /** A connection was refused: an old attempt, another secret, another program, garbage. */
    void refused(String reason);

    /** The server has stopped to accept without having been closed. */
    void failed(IOException cause);
  }

  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long CLOSE_MILLIS = 5_000;

  private final String advertisedAddress;
  private final int port;
  private final Credentials credentials;
  private final TransportSecurity security;
  private final int worldSize;
  private final int maxPayloadBytes;
  private final Listener listener;
  private final Selector selector;
  private final ServerSocketChannel socket;
  private final Gate gate;
  private final Thread thread;
  private final Map<Integer, MessageChannel> channels = new HashMap<>(); // by rank; its own lock
  private volatile boolean closed;

  private ControlServer(
      ServerSocketChannel socket,
      String advertisedHost,
      Credentials credentials,
      TransportSecurity security,
      int worldSize,
      int maxPayloadBytes,
      Listener listener,
      long handshakeNanos)
      throws IOException {
    this.socket = socket;
    this.credentials = credentials;
    this.security = security;
    this.worldSize = worldSize;
    this.maxPayloadBytes = maxPayloadBytes;
    this.listener = listener;
    port = Sockets.port(socket);
    advertisedAddress = advertisedHost + ":" + port;
    selector = Selector.open();
    gate =
        new Gate(
            selector,
            List.of(socket),
            new Reception(),
            new Refusals(listener::refused),
            handshakeNanos);
    thread = new NamedThreadFactory("control-accept").newThread(this::acceptAll);
  }

  /** As the longer form, with one host for both and messages of at most 16 MiB. */
  public static ControlServer open(
      String host, Credentials credentials, int worldSize, Listener listener) throws IOException {
    return open(host, host, credentials, worldSize, TcpMessageChannel.MAX_PAYLOAD_BYTES, listener);
  }

  /** As the longer form, without encryption. */
  public static ControlServer open(
      String bindHost,
      String advertisedHost,
      Credentials credentials,
      int worldSize,
      int maxPayloadBytes,
      Listener listener)
      throws IOException {
    return open(
        bindHost,
        advertisedHost,
        credentials,
        TransportSecurity.plain(),
        worldSize,
        maxPayloadBytes,
        listener);
  }

  /**
   * Listens at a free port and starts to accept.
   *
   * @param bindHost the local address to listen at; never a wildcard
   * @param advertisedHost the host as clients dial it: proofs are bound to it
   * @param security whether channels are encrypted; as that of the clients
   * @param worldSize ranks in [0, worldSize) are let in, each once at a time
   * @param maxPayloadBytes the longest message, both ways; the same at the clients
   */
  public static ControlServer open(
      String bindHost,
      String advertisedHost,
      Credentials credentials,
      TransportSecurity security,
      int worldSize,
      int maxPayloadBytes,
      Listener listener)
      throws IOException {
    return open(
        bindHost,
        advertisedHost,
        credentials,
        security,
        worldSize,
        maxPayloadBytes,
        listener,
        Gate.HANDSHAKE_NANOS);
  }

  /** With another time limit for handshakes, for tests. */
  static ControlServer open(
      String bindHost,
      String advertisedHost,
      Credentials credentials,
      TransportSecurity security,
      int worldSize,
      int maxPayloadBytes,
      Listener listener,
      long handshakeNanos)
      throws IOException {
    Checks.argument(worldSize >= 1, "A gang needs a rank: got world size %d.", worldSize);
    ServerSocketChannel socket = Sockets.listen(bindHost, 0);
    ControlServer server;
    try {
      server =
          new ControlServer(
              socket,
              advertisedHost,
              credentials,
              security,
              worldSize,
              maxPayloadBytes,
              listener,
              handshakeNanos);
    } catch (IOException e) {
      Sockets.close(socket);
      throw e;
    }
    server.thread.start();
    return server;
  }

  /** The port that clients dial. */
  public int port() {
    return port;
  }

  private void acceptAll() {
    try {
      while (!closed) {
        selector.select(gate.waitMillis(System.nanoTime(), IDLE_NANOS));
        Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
        while (ready.hasNext()) {
          SelectionKey key = ready.next();
          ready.remove();
          // A key may have been cancelled by what was handled before it.
          if (key.isValid()) {
            gate.handle(key);
          }
        }
        gate.expire(System.nanoTime());
      }
    } catch (IOException | RuntimeException e) {
      if (!closed) {
        listener.failed(new IOException("The control server stopped accepting.", e));
      }
    } finally {
      gate.close();
      Sockets.close(selector);
    }
  }

  /** Who is let in, and what becomes of them. */
  private final class Reception implements Gate.Host {
    @Override
    public CalleeHandshake greet(SocketChannel channel) throws IOException {
      return new CalleeHandshake(
          security.callee(channel),
          credentials,
          Hello.CONTROL,
          Hello.DRIVER,
          advertisedAddress,
          this::isExpected);
    }

    private boolean isExpected(int rank, int lane) {
      synchronized (channels) {
        return lane == 0 && rank >= 0 && rank < worldSize && !channels.containsKey(rank);
      }
    }

    @Override
    public void admit(int rank, int lane, Wire wire) {
      TcpMessageChannel channel;
      try {
        channel =
            new TcpMessageChannel(
                wire, credentials, rank, maxPayloadBytes, gone -> forget(rank, gone));
      } catch (IOException e) {
        wire.close();
        listener.refused("Rank " + rank + " broke off after its handshake: " + e.getMessage());
        return;
      }
      synchronized (channels) {
        channels.put(rank, channel);
      }
      listener.connected(rank, channel);
    }

    private void forget(int rank, MessageChannel gone) {
      synchronized (channels) {
        channels.remove(rank, gone);
      }
    }
  }

  /** Stops accepting, closes all channels and ends the thread. */
  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    if (Thread.currentThread() != thread) {
      joinThread();
    }
    Sockets.close(socket);
    List<MessageChannel> open;
    synchronized (channels) {
      open = new ArrayList<>(channels.values());
    }
    for (MessageChannel channel : open) {
      channel.close();
    }
  }

  private void joinThread() {
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the thread ends all the same, only not awaited
    }
  }
}
