package org.backdraft.comm.transport.local;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;

/**
 * A message channel between two threads of one JVM. A message's payload is handed over, not copied;
 * a sender waits while {@value #CAPACITY} messages are under way.
 */
public final class LocalChannel implements MessageChannel {
  private static final int CAPACITY = 64;

  /** Both ends share one lock. */
  private static final class Pipe {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean closed;
  }

  private final Pipe pipe;
  private final ArrayDeque<Message> incoming;
  private final ArrayDeque<Message> outgoing;

  private LocalChannel(Pipe pipe, ArrayDeque<Message> incoming, ArrayDeque<Message> outgoing) {
    this.pipe = pipe;
    this.incoming = incoming;
    this.outgoing = outgoing;
  }

  /** Both ends of a new channel. */
  public static List<MessageChannel> pair() {
    Pipe pipe = new Pipe();
    ArrayDeque<Message> there = new ArrayDeque<>();
    ArrayDeque<Message> back = new ArrayDeque<>();
    return List.of(new LocalChannel(pipe, there, back), new LocalChannel(pipe, back, there));
  }

  @Override
  public String remote() {
    return "this JVM";
  }

  @Override
  public void send(Message message, Duration timeout) throws IOException {
    long endNanos = System.nanoTime() + timeout.toNanos();
    pipe.lock.lock();
    try {
      while (!pipe.closed && outgoing.size() >= CAPACITY) {
        await(endNanos, "The other end took no message in time.");
      }
      if (pipe.closed) {
        throw new IOException("The channel in this JVM is closed.");
      }
      outgoing.add(message);
      pipe.changed.signalAll();
    } finally {
      pipe.lock.unlock();
    }
  }

  @Override
  public Message receive(Duration timeout) throws IOException {
    long endNanos = System.nanoTime() + timeout.toNanos();
    pipe.lock.lock();
    try {
      while (incoming.isEmpty()) {
        if (pipe.closed) {
          throw new EOFException("The other end in this JVM closed the channel.");
        }
        await(endNanos, "No message in time from the other end in this JVM.");
      }
      pipe.changed.signalAll();
      return incoming.remove();
    } finally {
      pipe.lock.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // the callers loop over their own conditions
  private void await(long endNanos, String late) throws IOException {
    long remainingNanos = endNanos - System.nanoTime();
    if (remainingNanos <= 0) {
      throw new SocketTimeoutException(late);
    }
    try {
      pipe.changed.awaitNanos(remainingNanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while waiting in a channel of this JVM.");
    }
  }

  @Override
  public void close() {
    pipe.lock.lock();
    try {
      pipe.closed = true;
      pipe.changed.signalAll();
    } finally {
      pipe.lock.unlock();
    }
  }
}
