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
  private final TransportSecurity security;
  private final PeerAddress[] peers;
  private final Refusals refusals;
  private final Wire[] wires; // by rank; null where not connected yet
  private final Dial[] dials; // to the lower ranks
  private int connected;

  MeshConnector(
      RankContext context,
      Credentials credentials,
      TransportSecurity security,
      PeerAddress[] peers,
      Refusals refusals) {
    this.context = context;
    this.credentials = credentials;
    this.security = security;
    this.peers = peers;
    this.refusals = refusals;
    wires = new Wire[context.worldSize()];
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
          if (wires[dial.callee()] == null) {
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
      TcpTransport transport = TcpTransport.open(context, credentials, wires, deadline);
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
        security,
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
        Wire wire = dial.advance();
        if (wire != null) {
          admit(dial.callee(), wire);
        }
      }
    }
  }

  @Override
  public CalleeHandshake greet(SocketChannel channel) throws IOException {
    return new CalleeHandshake(
        security.callee(channel),
        credentials,
        Hello.DATA,
        context.rank(),
        peers[context.rank()].hostAndPort(),
        caller -> caller > context.rank() && caller < context.worldSize() && wires[caller] == null);
  }

  @Override
  public void admit(int peer, Wire wire) {
    wires[peer] = wire;
    connected++;
  }

  private int firstMissing() {
    for (int rank = 0; rank < wires.length; rank++) {
      if (rank != context.rank() && wires[rank] == null) {
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
    for (Wire wire : wires) {
      if (wire != null) {
        wire.close();
      }
    }
  }
}
