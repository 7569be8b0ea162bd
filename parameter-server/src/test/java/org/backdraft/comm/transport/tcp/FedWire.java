package org.backdraft.comm.transport.tcp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A wire without a network: it gives what it was fed with, or what another one was given. */
final class FedWire implements Wire {
  private final ByteArrayOutputStream fed = new ByteArrayOutputStream();
  private final byte[] added = new byte[1 << 9];
  private final boolean ends;
  private FedWire other;
  private int read;

  private FedWire(boolean ends) {
    this.ends = ends;
  }

  /** One that ends behind these bytes; what is written is lost. */
  static FedWire of(byte[] bytes) {
    FedWire wire = new FedWire(true);
    wire.fed.writeBytes(bytes);
    return wire;
  }

  /** One that gives nothing yet. */
  static FedWire open() {
    return new FedWire(false);
  }

  /** What is written to one is read from the other. */
  void connect(FedWire wire) {
    other = wire;
    wire.other = this;
  }

  /** Adds to the byte that is read as number {@code place}. */
  void change(int place, byte by) {
    added[place % added.length] += by;
  }

  @Override
  public int read(ByteBuffer target) {
    byte[] bytes = fed.toByteArray();
    int count = Math.min(target.remaining(), bytes.length - read);
    for (int i = 0; i < count; i++, read++) {
      target.put((byte) (bytes[read] + added[read % added.length]));
    }
    return count == 0 && ends ? -1 : count;
  }

  @Override
  public int write(ByteBuffer source) {
    int count = source.remaining();
    byte[] bytes = new byte[count];
    source.get(bytes);
    if (other != null) {
      other.fed.writeBytes(bytes);
    }
    return count;
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
  public void expectBulk() {}

  @Override
  public SocketChannel channel() {
    throw new UnsupportedOperationException("There is no socket.");
  }

  @Override
  public void close() {}
}
