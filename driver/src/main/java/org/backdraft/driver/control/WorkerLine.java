package org.backdraft.driver.control;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;

/** The driver's end of one worker's control channel, once the worker has said hello. */
final class WorkerLine {
  private static final Duration HELLO_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(5);

  private final Hello hello;
  private final MessageChannel channel;
  private volatile long heardNanos = System.nanoTime();
  private volatile long step;
  private volatile boolean closed;

  /** Takes what a worker says. */
  interface Listener {
    /** Whether the message was the worker's last. */
    boolean heard(MessageKind kind, Message message) throws IOException;
  }

  private WorkerLine(Hello hello, MessageChannel channel) {
    this.hello = hello;
    this.channel = channel;
  }

  /**
   * Waits for the hello of {@code rank}, whose handshake has proved it.
   *
   * @throws IOException if none comes in time, or one of another rank
   */
  static WorkerLine welcome(int rank, MessageChannel channel, int worldSize) throws IOException {
    Message first = channel.receive(HELLO_TIMEOUT);
    if (MessageKind.of(first.type()) != MessageKind.HELLO) {
      throw new IOException("its first message was no hello but of type " + first.type());
    }
    Hello hello = Hello.of(first, worldSize);
    if (hello.rank() != rank) {
      throw new IOException(
          "it proved to be rank %d, but says rank %d".formatted(rank, hello.rank()));
    }
    return new WorkerLine(hello, channel);
  }

  /** Reads until the worker's last message, or until this is closed; answers heartbeats. */
  void listen(Listener listener) throws IOException {
    boolean last = false;
    while (!last && !closed) {
      Message message;
      try {
        message = channel.receive(READ_TIMEOUT);
      } catch (SocketTimeoutException e) {
        continue; // whoever watches the worker decides how much silence is too much
      }
      heardNanos = System.nanoTime();
      MessageKind kind = MessageKind.of(message.type());
      if (kind == MessageKind.HEARTBEAT) {
        step = message.step();
        send(new Message(MessageKind.ALIVE.code(), 0, new byte[0]));
      } else {
        last = listener.heard(kind, message);
      }
    }
  }

  void send(Message message) throws IOException {
    channel.send(message, SEND_TIMEOUT);
  }

  Hello hello() {
    return hello;
  }

  String remote() {
    return channel.remote();
  }

  /** Notes the step that another message than a heartbeat tells. */
  void reached(long newStep) {
    step = newStep;
  }

  /** The step that the worker was last heard of, from 0. */
  long step() {
    return step;
  }

  /** How long ago the worker was last heard. */
  long silentMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heardNanos);
  }

  boolean isClosed() {
    return closed;
  }

  void close() {
    closed = true;
    channel.close();
  }
}
