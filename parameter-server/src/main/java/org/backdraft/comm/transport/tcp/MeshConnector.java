package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.PeerAddress;

/**
 * Brings one rank's connections into being: dials the lower ranks, accepts the higher ones. There
 * are {@code lanes} connections to each; those to rank r begin at {@code r · lanes}.
 */
final class MeshConnector implements Gate.Host {
  private final RankContext context;
  private final Credentials credentials;
  private final TransportSecurity security;
  private final PeerAddress[] peers;
  private final int lanes;
  private final Refusals refusals;
  private final Wire[] wires; // null where not connected yet
  private final Dial[] dials; // to the lower ranks
  private int connected;

  MeshConnector(
      RankContext context,
      Credentials credentials,
      TransportSecurity security,
      PeerAddress[] peers,
      int lanes,
      Refusals refusals) {
    this.context = context;
    this.credentials = credentials;
    this.security = security;
    this.peers = peers;
    this.lanes = lanes;
    this.refusals = refusals;
    wires = new Wire[context.worldSize() * lanes];
    dials = new Dial[context.rank() * lanes];
  }

  TcpTransport connect(
      Selector selector, List<ServerSocketChannel> listeners, Duration timeout, Duration deadline)
      throws IOException {
    long startNanos = System.nanoTime();
    boolean complete = false;
    try (Gate gate = new Gate(selector, listeners, this, refusals, Gate.HANDSHAKE_NANOS)) {
      for (int i = 0; i < dials.length; i++) {
        dials[i] = dial(selector, peers[i / lanes], i % lanes);
      }
      while (connected < (context.worldSize() - 1) * lanes) {
        long nowNanos = System.nanoTime();
        long remainingNanos = timeout.toNanos() - (nowNanos - startNanos);
        if (remainingNanos <= 0) {
          throw missing(nowNanos - startNanos);
        }
        gate.expire(nowNanos);
        long waitNanos = remainingNanos;
        for (int i = 0; i < dials.length; i++) {
          if (wires[i] == null) {
            dials[i].tick(nowNanos);
            waitNanos = Math.min(waitNanos, dials[i].nextNanos() - nowNanos);
          }
        }
        selector.select(gate.waitMillis(nowNanos, waitNanos));
        if (Thread.currentThread().isInterrupted()) {
          throw new CollectiveException.Interrupted(
              firstMissing() / lanes, where(System.nanoTime() - startNanos), null);
        }
        handleReady(selector, gate);
      }
      TcpTransport transport = TcpTransport.open(context, credentials, wires, lanes, deadline);
      complete = true;
      return transport;
    } finally {
      if (!complete) {
        closeAll();
      }
    }
  }

  private Dial dial(Selector selector, PeerAddress peer, int lane) {
    return new Dial(
        selector,
        credentials,
        security,
        new Dial.Call(Hello.DATA, context.rank(), peer.rank(), lane),
        peer.host(),
        peer.port(),
        UnixListener.find(credentials, peer.hostAndPort()),
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
          admit(dial.call().callee(), dial.call().lane(), wire);
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
        this::isExpected);
  }

  private boolean isExpected(int caller, int lane) {
    return caller > context.rank()
        && caller < context.worldSize()
        && lane < lanes
        && wires[caller * lanes + lane] == null;
  }

  @Override
  public void admit(int peer, int lane, Wire wire) {
    wires[peer * lanes + lane] = wire;
    connected++;
  }

  /** The number of the first connection that is missing. */
  private int firstMissing() {
    for (int i = 0; i < wires.length; i++) {
      if (i / lanes != context.rank() && wires[i] == null) {
        return i;
      }
    }
    throw new AssertionError("nobody is missing");
  }

  private CollectiveException missing(long elapsedNanos) {
    int missing = firstMissing();
    int peer = missing / lanes;
    IOException cause = missing < dials.length ? dials[missing].lastFailure() : null;
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
