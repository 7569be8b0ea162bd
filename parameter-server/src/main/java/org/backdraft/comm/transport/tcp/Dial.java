package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Credentials;

/**
 * Dials one listener until it has accepted us. A connection that breaks, or a handshake that takes
 * too long, is tried again with a new nonce: the other end may not have started to accept, or may
 * be shaking off strangers. What a listener says clearly (another attempt, another secret) is
 * final.
 *
 * <p>Driven by one thread through a selector.
 */
final class Dial {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /**
   * Who calls whom, as the {@link Hello} says it.
   *
   * @param lane which of the connections between the two
   */
  record Call(int purpose, int caller, int callee, int lane) {}

  private final Selector selector;
  private final Credentials credentials;
  private final TransportSecurity security;
  private final Call call;
  private final String host;
  private final int port;
  private final long handshakeNanos;

  private Optional<Path> local; // the callee's file, until it was tried
  private SocketChannel channel;
  private SelectionKey key;
  private CallerHandshake handshake;
  private long nextNanos = System.nanoTime(); // of the next try, or the end of this one
  private IOException lastFailure;

  /**
   * @param local the file of the callee's {@link UnixListener}, where there is one
   */
  Dial(
      Selector selector,
      Credentials credentials,
      TransportSecurity security,
      Call call,
      String host,
      int port,
      Optional<Path> local,
      long handshakeNanos) {
    this.selector = selector;
    this.credentials = credentials;
    this.security = security;
    this.call = call;
    this.host = host;
    this.port = port;
    this.local = local;
    this.handshakeNanos = handshakeNanos;
  }

  Call call() {
    return call;
  }

  /** Why the last try ended, null if none has. */
  IOException lastFailure() {
    return lastFailure;
  }

  long nextNanos() {
    return nextNanos;
  }

  /** Starts a try where it is time, ends one that takes too long. */
  void tick(long nowNanos) {
    if (nowNanos - nextNanos < 0) {
      return;
    }
    if (channel != null) {
      giveUp(new IOException("no handshake within the time limit"), nowNanos);
      return;
    }
    try {
      SocketAddress address = address();
      channel = open(address);
      Sockets.prepare(channel);
      nextNanos = nowNanos + handshakeNanos;
      boolean connected = channel.connect(address);
      key = channel.register(selector, connected ? 0 : SelectionKey.OP_CONNECT, this);
      if (connected) {
        greet();
      }
    } catch (IOException e) {
      giveUp(e, nowNanos);
    }
  }

  /** The way within this host where there is one, but only once: the port is the one to rely on. */
  private SocketAddress address() throws UnknownHostException {
    Optional<Path> file = local;
    local = Optional.empty();
    if (file.isPresent()) {
      return UnixDomainSocketAddress.of(file.get());
    }
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new UnknownHostException("unknown host " + host);
    }
    return address;
  }

  private static SocketChannel open(SocketAddress address) throws IOException {
    return address instanceof UnixDomainSocketAddress
        ? SocketChannel.open(StandardProtocolFamily.UNIX)
        : SocketChannel.open();
  }

  /**
   * Goes on after the selector found the key ready.
   *
   * @return the connection, non-blocking and registered nowhere, when the listener has accepted us,
   *     else null
   * @throws CollectiveException if the listener refused us for good
   */
  Wire advance() throws CollectiveException {
    try {
      if (handshake == null) {
        if (channel.finishConnect()) {
          greet();
        }
        return null;
      }
      if (handshake.advance()) {
        key.cancel();
        key.attach(null);
        channel = null;
        return handshake.wire;
      }
      key.interestOps(handshake.interest());
    } catch (CollectiveException e) {
      close();
      throw e;
    } catch (SSLHandshakeException e) {
      close();
      throw distrusted(e);
    } catch (IOException e) {
      giveUp(e, System.nanoTime());
    }
    return null;
  }

  /** Another try would find the same certificates. */
  private CollectiveException distrusted(SSLHandshakeException e) {
    return new CollectiveException.WireFormat(
        call.callee(),
        "%s:%d must speak TLS 1.3 and present a certificate that the trust store of rank %d vouches for: %s."
            .formatted(host, port, call.caller(), e.getMessage()),
        e);
  }

  /** Ends the try that is under way. */
  void close() {
    if (channel != null) {
      Sockets.close(channel);
      channel = null;
    }
  }

  private void greet() throws IOException {
    Hello hello =
        new Hello(
            call.purpose(),
            call.lane(),
            credentials.runId(),
            credentials.attempt(),
            call.caller(),
            call.callee(),
            Proof.nonce());
    handshake =
        new CallerHandshake(security.caller(channel), credentials, hello, host + ":" + port);
    key.interestOps(handshake.interest());
  }

  private void giveUp(IOException failure, long nowNanos) {
    close();
    lastFailure = failure;
    handshake = null;
    nextNanos = nowNanos + RETRY_NANOS;
  }
}
