package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.PeerAddress;

/** A worker's way to the driver's {@link ControlServer}. */
public final class ControlClient {
  private ControlClient() {}

  /** As the longer form, with messages of at most 16 MiB. */
  public static MessageChannel connect(
      String host, int port, Credentials credentials, int rank, Duration timeout)
      throws IOException {
    return connect(host, port, credentials, rank, timeout, TcpMessageChannel.MAX_PAYLOAD_BYTES);
  }

  /** As the longer form, without encryption. */
  public static MessageChannel connect(
      String host,
      int port,
      Credentials credentials,
      int rank,
      Duration timeout,
      int maxPayloadBytes)
      throws IOException {
    return connect(
        host, port, credentials, TransportSecurity.plain(), rank, timeout, maxPayloadBytes);
  }

  /**
   * Dials the driver until it has let us in.
   *
   * @param host the driver's host as the server advertises it
   * @param security as that of the server
   * @param rank who calls
   * @param maxPayloadBytes the longest message, both ways; the same at the server
   * @throws org.backdraft.comm.CollectiveException if the driver refuses this rank, attempt or
   *     secret
   * @throws SocketTimeoutException if nobody has answered within {@code timeout}
   */
  public static MessageChannel connect(
      String host,
      int port,
      Credentials credentials,
      TransportSecurity security,
      int rank,
      Duration timeout,
      int maxPayloadBytes)
      throws IOException {
    PeerAddress driver = new PeerAddress(rank, host, port);
    long endNanos = System.nanoTime() + timeout.toNanos();
    try (Selector selector = Selector.open()) {
      Dial dial =
          new Dial(
              selector,
              credentials,
              security,
              new Dial.Call(Hello.CONTROL, rank, Hello.DRIVER, 0),
              host,
              port,
              Optional.empty(),
              Gate.HANDSHAKE_NANOS);
      try {
        Wire wire = dial(dial, selector, endNanos, driver);
        return new TcpMessageChannel(
            wire, credentials, Hello.DRIVER, maxPayloadBytes, closed -> {});
      } finally {
        dial.close();
      }
    }
  }

  private static Wire dial(Dial dial, Selector selector, long endNanos, PeerAddress driver)
      throws IOException {
    while (true) {
      long nowNanos = System.nanoTime();
      if (nowNanos - endNanos >= 0) {
        SocketTimeoutException timeout =
            new SocketTimeoutException(
                "The server at %s must answer rank %d in time: it did not."
                    .formatted(driver.hostAndPort(), driver.rank()));
        timeout.initCause(dial.lastFailure());
        throw timeout;
      }
      dial.tick(nowNanos);
      long waitNanos = Math.min(endNanos - nowNanos, dial.nextNanos() - nowNanos);
      selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNanos) + 1));
      if (Thread.currentThread().isInterrupted()) {
        throw new IOException("Interrupted while dialing the driver.");
      }
      Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
      while (ready.hasNext()) {
        SelectionKey key = ready.next();
        ready.remove();
        if (key.isValid() && key.attachment() != null) {
          Wire wire = dial.advance();
          if (wire != null) {
            return wire;
          }
        }
      }
    }
  }
}
