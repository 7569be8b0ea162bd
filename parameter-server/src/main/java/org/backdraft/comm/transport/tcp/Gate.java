package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Accepts connections and lets in those that prove who they are. Strangers cost little: at most
 * {@value #MAX_HALF_OPEN} are inside the handshake at once, each for at most five seconds and
 * {@value Hello#BYTES} bytes before it has named our run; when more come, the oldest of those goes,
 * and where all have named it the others wait. A refused one disturbs nobody.
 *
 * <p>Driven by one thread through a selector.
 */
final class Gate implements AutoCloseable {
  static final int MAX_HALF_OPEN = 64;
  static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int ACCEPTS_A_TURN = 16;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Makes handshakes, and takes the connections that passed. */
  interface Host {
    CalleeHandshake greet(SocketChannel channel) throws IOException;

    /** A connection of {@code caller}, non-blocking and registered nowhere. */
    void admit(int caller, int lane, Wire wire) throws IOException;
  }

  private static final class HalfOpen {
    private final CalleeHandshake handshake;
    private final SocketChannel channel;
    private final long endNanos;
    private SelectionKey key;

    HalfOpen(CalleeHandshake handshake, SocketChannel channel, long endNanos) {
      this.handshake = handshake;
      this.channel = channel;
      this.endNanos = endNanos;
    }
  }

  private final Selector selector;
  private final List<ServerSocketChannel> listeners;
  private final List<SelectionKey> acceptKeys = new ArrayList<>();
  private final Host host;
  private final Refusals refusals;
  private final long handshakeNanos;
  private final List<HalfOpen> halfOpen = new ArrayList<>(); // oldest first
  private boolean paused;
  private long pausedUntilNanos;

  Gate(
      Selector selector,
      List<ServerSocketChannel> listeners,
      Host host,
      Refusals refusals,
      long handshakeNanos)
      throws IOException {
    this.selector = selector;
    this.listeners = listeners;
    this.host = host;
    this.refusals = refusals;
    this.handshakeNanos = handshakeNanos;
    for (ServerSocketChannel listener : listeners) {
      acceptKeys.add(listener.register(selector, SelectionKey.OP_ACCEPT));
    }
  }

  /** Handles a key that is ready; whether it was one of this gate's. */
  boolean handle(SelectionKey key) throws IOException {
    if (acceptKeys.contains(key)) {
      accept((ServerSocketChannel) key.channel());
      return true;
    }
    if (key.attachment() instanceof HalfOpen connection) {
      advance(connection);
      return true;
    }
    return false;
  }

  /** Drops the handshakes that take too long; to be called whenever the selector returns. */
  void expire(long nowNanos) {
    while (!halfOpen.isEmpty() && nowNanos - halfOpen.get(0).endNanos >= 0) {
      drop(halfOpen.get(0), "no handshake within the time limit");
    }
    if (paused && nowNanos - pausedUntilNanos >= 0) {
      resume();
    }
  }

  private void pause() {
    paused = true;
    pausedUntilNanos = System.nanoTime() + PAUSE_NANOS;
    acceptKeys.forEach(key -> key.interestOps(0));
  }

  private void resume() {
    paused = false;
    acceptKeys.forEach(key -> key.interestOps(SelectionKey.OP_ACCEPT));
  }

  /** How long the selector may wait at most, at least 1. */
  long waitMillis(long nowNanos, long mostNanos) {
    long wait = mostNanos;
    if (!halfOpen.isEmpty()) {
      wait = Math.min(wait, halfOpen.get(0).endNanos - nowNanos);
    }
    if (paused) {
      wait = Math.min(wait, pausedUntilNanos - nowNanos);
    }
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(wait) + 1);
  }

  private void accept(ServerSocketChannel listener) {
    // A few at a time: between them those that are already in get their turn.
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
      HalfOpen stranger = null;
      if (halfOpen.size() >= MAX_HALF_OPEN) {
        stranger = oldestStranger();
        if (stranger == null) {
          pause(); // a large gang arrives at once
          return;
        }
      }
      SocketChannel channel;
      try {
        channel = listener.accept();
      } catch (IOException e) {
        // As a rule the process has no file descriptor left; the listener stays ready, so without
        // a pause this would spin.
        refusals.refused("unknown", "cannot accept: " + e.getMessage());
        pause();
        return;
      }
      if (channel == null) {
        return;
      }
      if (stranger != null) {
        drop(stranger, "more than " + MAX_HALF_OPEN + " connections in the handshake");
      }
      greet(channel);
    }
  }

  private void greet(SocketChannel channel) {
    try {
      Sockets.prepare(channel);
      HalfOpen connection =
          new HalfOpen(host.greet(channel), channel, System.nanoTime() + handshakeNanos);
      connection.key = channel.register(selector, SelectionKey.OP_READ, connection);
      halfOpen.add(connection);
    } catch (IOException e) {
      refusals.refused(Sockets.remote(channel), e.getMessage());
      Sockets.close(channel);
    }
  }

  private HalfOpen oldestStranger() {
    for (HalfOpen connection : halfOpen) {
      if (!connection.handshake.isIntroduced()) {
        return connection;
      }
    }
    return null;
  }

  private void advance(HalfOpen connection) throws IOException {
    boolean done;
    try {
      done = connection.handshake.advance();
      if (!done) {
        connection.key.interestOps(connection.handshake.interest());
      }
    } catch (IOException e) {
      drop(connection, e.getMessage());
      return;
    }
    if (done) {
      remove(connection);
      connection.key.cancel();
      connection.key.attach(null);
      CalleeHandshake handshake = connection.handshake;
      host.admit(handshake.caller(), handshake.lane(), handshake.wire);
    }
  }

  private void drop(HalfOpen connection, String reason) {
    remove(connection);
    refusals.refused(Sockets.remote(connection.channel), reason);
    Sockets.close(connection.channel);
  }

  private void remove(HalfOpen connection) {
    halfOpen.remove(connection);
    if (paused && halfOpen.size() < MAX_HALF_OPEN) {
      resume(); // there is a place now, and a file descriptor
    }
  }

  /** Closes the listeners and all connections that are in the handshake. */
  @Override
  public void close() {
    listeners.forEach(Sockets::close);
    for (HalfOpen connection : halfOpen) {
      Sockets.close(connection.channel);
    }
    halfOpen.clear();
  }
}
