package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The socket itself. */
final class PlainWire implements Wire {
  private final SocketChannel channel;

  PlainWire(SocketChannel channel) {
    this.channel = channel;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return channel.read(target);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    return channel.write(source);
  }

  @Override
  public boolean isFlushed() {
    return true;
  }

  @Override
  public int interest(int wanted) {
    return wanted;
  }

  @Override
  public String binding() {
    return "";
  }

  @Override
  public void expectBulk() {
    // The socket has buffers of its own.
  }

  @Override
  public SocketChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    Sockets.close(channel);
  }
}
