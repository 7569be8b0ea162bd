package org.backdraft.comm.transport.tcp;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.backdraft.comm.transport.PeerAddress;
import org.backdraft.tensor.Checks;

/** Opening, naming and closing sockets. */
final class Sockets {
  /** Room for a gang whose ranks all dial before this end has started to accept. */
  private static final int BACKLOG = 1024;

  private Sockets() {}

  /**
   * A non-blocking listener at one address of this host.
   *
   * @param port 0 for any free one
   * @throws IllegalArgumentException for a wildcard address, which would listen on every network
   */
  static ServerSocketChannel listen(String host, int port) throws IOException {
    PeerAddress.checkHost(host);
    InetAddress address = InetAddress.getByName(host);
    Checks.argument(
        !address.isAnyLocalAddress(),
        "A listener must be bound to one address of this host: got the wildcard %s.",
        host);
    ServerSocketChannel listener = ServerSocketChannel.open();
    try {
      listener.bind(new InetSocketAddress(address, port), BACKLOG);
      listener.configureBlocking(false);
      return listener;
    } catch (IOException e) {
      close(listener);
      throw new IOException("Cannot listen on " + host + ":" + port + ": " + e.getMessage(), e);
    }
  }

  static int port(ServerSocketChannel listener) throws IOException {
    return ((InetSocketAddress) listener.getLocalAddress()).getPort();
  }

  /** Makes a connection one that never blocks and sends what it is given at once. */
  static void prepare(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
  }

  /** The other end as {@code host:port}, numeric, where it has such an address. */
  static String remote(SocketChannel channel) {
    try {
      if (channel.getRemoteAddress() instanceof InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
      }
      if (channel.getRemoteAddress() instanceof UnixDomainSocketAddress) {
        return "a process of this host";
      }
    } catch (IOException e) {
      // Closed: falls through, the name is for a message only.
    }
    return "unknown";
  }

  /** Closes what is on its way out anyway; that this fails helps nobody. */
  static void close(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      // Nothing is lost: no data is flushed by closing a non-blocking socket.
    }
  }
}
