package org.backdraft.comm.transport.tcp;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;

/**
 * Messages over one authenticated TCP connection. Each message is one frame; a length over the cap
 * is refused before memory is taken for it. Whatever goes wrong inside a frame, a timeout of a send
 * included, ends the channel, because nobody could find the next frame.
 */
final class TcpMessageChannel implements MessageChannel {
  /** The longest payload: longer data (weights) are sent in pieces by the user. */
  static final int MAX_PAYLOAD_BYTES = 16 << 20;

  private static final int BUFFER_BYTES = 64 << 10;

  private final Wire wire;
  private final String remote;
  private final Consumer<MessageChannel> whenClosed;
  private final int maxPayloadBytes;

  private final AtomicBoolean closed = new AtomicBoolean();

  private final ReentrantLock sending = new ReentrantLock();
  private final FrameCodec outCodec;
  private final ByteBuffer out = buffer();
  private final Selector writable;

  private final FrameCodec inCodec;
  private final ByteBuffer in = buffer(); // filled up to its position
  private final Selector readable;
  private byte[] payload; // of the frame that is being read, null before its header has come
  private int payloadBytes;

  /**
   * @param wire authenticated and non-blocking; owned by this object
   * @param peer rank at the other end, {@link Hello#DRIVER} for the driver
   * @param whenClosed told once when the channel is closed, by whatever cause
   */
  TcpMessageChannel(
      Wire wire,
      Credentials credentials,
      int peer,
      int maxPayloadBytes,
      Consumer<MessageChannel> whenClosed)
      throws IOException {
    this.wire = wire;
    this.remote = Sockets.remote(wire.channel());
    this.whenClosed = whenClosed;
    this.maxPayloadBytes = maxPayloadBytes;
    outCodec = new FrameCodec(credentials, FrameCodec.KIND_MESSAGE, maxPayloadBytes, peer, remote);
    inCodec = new FrameCodec(credentials, FrameCodec.KIND_MESSAGE, maxPayloadBytes, peer, remote);
    writable = Selector.open();
    readable = openBeside(writable);
    try {
      wire.channel().register(writable, SelectionKey.OP_WRITE);
      wire.channel().register(readable, SelectionKey.OP_READ);
    } catch (IOException e) {
      Sockets.close(writable);
      Sockets.close(readable);
      throw e;
    }
  }

  private static Selector openBeside(Selector other) throws IOException {
    try {
      return Selector.open();
    } catch (IOException e) {
      Sockets.close(other);
      throw e;
    }
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public String remote() {
    return remote;
  }

  @Override
  public void send(Message message, Duration timeout) throws IOException {
    if (message.type() < 0 || message.type() > 255 || message.payload().length > maxPayloadBytes) {
      throw new IllegalArgumentException(
          "A message must have a type in [0, 255] and at most %d bytes: got type %d, %d bytes."
              .formatted(maxPayloadBytes, message.type(), message.payload().length));
    }
    long endNanos = System.nanoTime() + timeout.toNanos();
    try {
      if (!sending.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new SocketTimeoutException(
            "Another thread has been sending to %s for %s.".formatted(remote, timeout));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted before a message to " + remote + " was sent.", e);
    }
    try {
      writeFrame(message, endNanos);
    } catch (ClosedSelectorException | CancelledKeyException e) {
      throw new IOException("The channel to " + remote + " is closed.", e);
    } catch (IOException e) {
      close();
      throw e;
    } finally {
      sending.unlock();
    }
  }

  private void writeFrame(Message message, long endNanos) throws IOException {
    byte[] bytes = message.payload();
    int checksum = outCodec.checksum(bytes);
    outCodec.write(out.clear(), 0, message.type(), message.step(), bytes.length, checksum);
    out.clear().position(FrameCodec.HEADER_BYTES);
    int at = 0;
    do {
      int count = Math.min(out.remaining(), bytes.length - at);
      out.put(bytes, at, count);
      at += count;
      out.flip();
      writeBuffer(endNanos);
      out.clear();
    } while (at < bytes.length);
  }

  private void writeBuffer(long endNanos) throws IOException {
    while (true) {
      wire.write(out);
      if (!out.hasRemaining() && wire.isFlushed()) {
        return;
      }
      if (!isReady(writable, endNanos)) {
        throw new SocketTimeoutException(
            "%s took no bytes in time in the middle of a message; the channel is closed."
                .formatted(remote));
      }
    }
  }

  @Override
  public Message receive(Duration timeout) throws IOException {
    long endNanos = System.nanoTime() + timeout.toNanos();
    try {
      while (true) {
        Message message = parse();
        if (message != null) {
          return message;
        }
        int read = wire.read(in);
        if (read < 0) {
          throw new EOFException(
              "%s closed the channel%s."
                  .formatted(
                      remote,
                      payload != null || in.position() > 0 ? " in the middle of a message" : ""));
        }
        if (read == 0 && !isReady(readable, endNanos)) {
          throw new SocketTimeoutException("No message from %s in time.".formatted(remote));
        }
      }
    } catch (ClosedSelectorException | CancelledKeyException e) {
      throw new IOException("The channel to " + remote + " is closed.", e);
    } catch (SocketTimeoutException e) {
      throw e; // what has come of the next message is kept
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** Moves on in what has been read: header, then payload; null when more is needed. */
  private Message parse() throws IOException {
    if (payload == null) {
      if (in.position() < FrameCodec.HEADER_BYTES) {
        return null;
      }
      int filled = in.position();
      inCodec.read(in, 0);
      in.limit(filled).position(FrameCodec.HEADER_BYTES);
      in.compact();
      payload = new byte[inCodec.length()];
      payloadBytes = 0;
    }
    in.flip();
    int count = Math.min(in.remaining(), payload.length - payloadBytes);
    in.get(payload, payloadBytes, count);
    payloadBytes += count;
    in.compact();
    if (payloadBytes < payload.length) {
      return null;
    }
    inCodec.checkPayload(inCodec.checksum(payload));
    Message message = new Message(inCodec.type(), inCodec.step(), payload);
    payload = null;
    return message;
  }

  private boolean isReady(Selector selector, long endNanos) throws IOException {
    long remainingNanos = endNanos - System.nanoTime();
    if (remainingNanos <= 0) {
      return false;
    }
    selector.selectedKeys().clear();
    selector.select(TimeUnit.NANOSECONDS.toMillis(remainingNanos) + 1);
    if (Thread.currentThread().isInterrupted()) {
      throw new IOException("Interrupted while waiting for " + remote + "; the channel is closed.");
    }
    return true; // or too early: the caller tries, and asks again
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    wire.close();
    // Closing the selectors wakes the threads that wait in them and frees the file descriptors.
    Sockets.close(writable);
    Sockets.close(readable);
    whenClosed.accept(this);
  }
}
