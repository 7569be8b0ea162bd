package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.PeerAddress;

/** Brings one rank's connections into being: dials the lower ranks, accepts the higher ones. */
final class MeshConnector implements Gate.Host {
  private final RankContext context;
  private final Credentials credentials;
  private final PeerAddress[] peers;
  private final Refusals refusals;
  private final SocketChannel[] channels; // by rank; null where not connected yet
  private final Dial[] dials; // to the lower ranks
  private int connected;

  MeshConnector(
      RankContext context, Credentials credentials, PeerAddress[] peers, Refusals refusals) {
    this.context = context;
    this.credentials = credentials;
    this.peers = peers;
    this.refusals = refusals;
    channels = new SocketChannel[context.worldSize()];
    dials = new Dial[context.rank()];
  }

  TcpTransport connect(
      Selector selector, ServerSocketChannel listener, Duration timeout, Duration deadline)
      throws IOException {
    long startNanos = System.nanoTime();
    boolean complete = false;
    try (Gate gate = new Gate(selector, listener, this, refusals, Gate.HANDSHAKE_NANOS)) {
      for (int rank = 0; rank < dials.length; rank++) {
        dials[rank] = dial(selector, peers[rank]);
      }
      while (connected < context.worldSize() - 1) {
        long nowNanos = System.nanoTime();
        long remainingNanos = timeout.toNanos() - (nowNanos - startNanos);
        if (remainingNanos <= 0) {
          throw missing(nowNanos - startNanos);
        }
        gate.expire(nowNanos);
        long waitNanos = remainingNanos;
        for (Dial dial : dials) {
          if (channels[dial.callee()] == null) {
            dial.tick(nowNanos);
            waitNanos = Math.min(waitNanos, dial.nextNanos() - nowNanos);
          }
        }
        selector.select(gate.waitMillis(nowNanos, waitNanos));
        if (Thread.currentThread().isInterrupted()) {
          throw new CollectiveException.Interrupted(
              firstMissing(), where(System.nanoTime() - startNanos), null);
        }
        handleReady(selector, gate);
      }
      TcpTransport transport = TcpTransport.open(context, credentials, channels, deadline);
      complete = true;
      return transport;
    } finally {
      if (!complete) {
        closeAll();
      }
    }
  }

  private Dial dial(Selector selector, PeerAddress peer) {
    return new Dial(
        selector,
        credentials,
        Hello.DATA,
        context.rank(),
        peer.rank(),
        peer.host(),
        peer.port(),
        Gate.HANDSHAKE_NANOS);
  }

  private void handleReady(Selector selector, Gate gate) throws IOException {
    Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
    while (ready.hasNext()) {
      SelectionKey key = ready.next();
      ready.remove();
      // A key may have been cancelled by what was handled before it.
      if (!key.isValid() || gate.handle(key)) {
        continue;
      }
      if (key.attachment() instanceof Dial dial) {
        SocketChannel channel = dial.advance();
        if (channel != null) {
          admit(dial.callee(), channel);
        }
      }
    }
  }

  @Override
  public CalleeHandshake greet(SocketChannel channel) {
    return new CalleeHandshake(
        channel,
        credentials,
        Hello.DATA,
        context.rank(),
        peers[context.rank()].hostAndPort(),
        caller ->
            caller > context.rank() && caller < context.worldSize() && channels[caller] == null);
  }

  @Override
  public void admit(int peer, SocketChannel channel) {
    channels[peer] = channel;
    connected++;
  }

  private int firstMissing() {
    for (int rank = 0; rank < channels.length; rank++) {
      if (rank != context.rank() && channels[rank] == null) {
        return rank;
      }
    }
    throw new AssertionError("nobody is missing");
  }

  private CollectiveException missing(long elapsedNanos) {
    int peer = firstMissing();
    IOException cause = peer < dials.length ? dials[peer].lastFailure() : null;
    return cause == null
        ? new CollectiveException.Timeout(peer, where(elapsedNanos))
        : new CollectiveException.PeerLost(peer, where(elapsedNanos), cause);
  }

  private CollectiveException.Where where(long elapsedNanos) {
    return new CollectiveException.Where(
        context, "connect", 0, TimeUnit.NANOSECONDS.toMillis(elapsedNanos));
  }

  private void closeAll() {
    for (Dial dial : dials) {
      if (dial != null) {
        dial.close();
      }
    }
    for (SocketChannel channel : channels) {
      if (channel != null) {
        Sockets.close(channel);
      }
    }
  }
}
