package org.backdraft.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * What the JDK's sockets do without anything of ours: the yardstick of {@link TransportRates}. Two
 * connected ends over the loopback interface, with the buffers and the non-blocking calls of the
 * transport, without frames, checksums and deadlines.
 */
final class PlainSocket implements AutoCloseable {
  static final int BUFFER_BYTES = 256 << 10;

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final ByteBuffer out = buffer();
  private final FloatBuffer outFloats = out.asFloatBuffer();
  private final ByteBuffer in = buffer();
  private final FloatBuffer inFloats = in.asFloatBuffer();

  private PlainSocket(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    selector = Selector.open();
    key = channel.register(selector, 0);
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Both ends of a new connection. */
  static PlainSocket[] pair() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SocketChannel caller = SocketChannel.open(listener.getLocalAddress());
      return new PlainSocket[] {new PlainSocket(caller), new PlainSocket(listener.accept())};
    }
  }

  /**
   * Sends and receives, both at once.
   *
   * @param source what is sent, null to send the buffer as it is, without a copy
   * @param target where it is put, null to leave it in the buffer
   */
  void exchange(float[] source, int sent, float[] target, int received) throws IOException {
    int filled = 0;
    int emptied = 0;
    out.clear().limit(0);
    in.clear();
    while (filled < sent || out.hasRemaining() || emptied < received) {
      long moved = 0;
      while (filled < sent || out.hasRemaining()) {
        if (!out.hasRemaining()) {
          int count = Math.min(BUFFER_BYTES / Float.BYTES, sent - filled);
          if (source != null) {
            outFloats.put(0, source, filled, count);
          }
          filled += count;
          out.clear().limit(count * Float.BYTES);
        }
        moved += channel.write(out);
        if (out.hasRemaining()) {
          break;
        }
      }
      while (emptied < received) {
        in.limit((int) Math.min(BUFFER_BYTES, (received - (long) emptied) * Float.BYTES));
        int read = channel.read(in);
        if (read < 0) {
          throw new EOFException("the other end closed");
        }
        moved += read;
        if (in.hasRemaining()) {
          break;
        }
        int count = in.position() / Float.BYTES;
        if (target != null) {
          inFloats.get(0, target, emptied, count);
        }
        emptied += count;
        in.clear();
      }
      if (moved == 0) {
        key.interestOps(
            (filled < sent || out.hasRemaining() ? SelectionKey.OP_WRITE : 0)
                | (emptied < received ? SelectionKey.OP_READ : 0));
        selector.select(ready -> {});
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    selector.close();
  }
}
