package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.backdraft.comm.RankContext;

/** A transport of rank 0 of 2 whose peer is the test itself, byte by byte. */
final class RawPeer implements AutoCloseable {
  final TcpTransport transport;
  final SocketChannel raw;

  RawPeer(int attempt, Duration deadline) throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      raw = SocketChannel.open(listener.getLocalAddress());
      SocketChannel accepted = listener.accept();
      accepted.configureBlocking(false);
      transport =
          TcpTransport.open(
              new RankContext(0, 2, attempt),
              Mesh.credentials(attempt),
              new Wire[] {null, new PlainWire(accepted)},
              1,
              deadline);
    }
  }

  void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      raw.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    transport.close();
    raw.close();
  }
}
