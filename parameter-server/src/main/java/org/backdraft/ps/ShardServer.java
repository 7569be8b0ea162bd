package org.backdraft.ps;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.concurrent.NamedThreadFactory;

/**
 * Answers what workers ask of one shard, each worker on a channel and a thread of its own, one
 * request after the other: what a worker sends faster than the shard works stays in its channel and
 * slows it down, so nothing is queued here.
 *
 * <p>Methods are safe for all threads.
 */
public final class ShardServer implements AutoCloseable {
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final Duration SEND = Duration.ofSeconds(30);
  private static final long MOST_WAIT_MILLIS = 1000;
  private static final long CLOSE_MILLIS = 5_000;

  private final ParameterShard shard;
  private final ThreadFactory threads = new NamedThreadFactory("shard");
  private final Map<MessageChannel, Served> serving = new HashMap<>(); // its own lock
  private volatile boolean closed;

  private record Served(int worker, Thread thread) {}

  public ShardServer(ParameterShard shard) {
    this.shard = shard;
  }

  /**
   * Serves a worker until its channel or this server closes; returns at once.
   *
   * @param worker who is at the other end, as the channel's handshake proved
   * @param channel closed by this server
   */
  public void serve(int worker, MessageChannel channel) {
    Thread thread = threads.newThread(() -> answerAll(worker, channel));
    synchronized (serving) {
      if (closed) {
        channel.close();
        return;
      }
      serving.put(channel, new Served(worker, thread));
      thread.start();
    }
  }

  /** Closes the channels of a worker that is lost, so that its next start can come. */
  public void disconnect(int worker) {
    List<MessageChannel> channels = new ArrayList<>();
    synchronized (serving) {
      serving.forEach(
          (channel, served) -> {
            if (served.worker() == worker) {
              channels.add(channel);
            }
          });
    }
    channels.forEach(MessageChannel::close);
  }

  private void answerAll(int worker, MessageChannel channel) {
    Throwable failure = null;
    try (channel) {
      while (!closed) {
        Message message;
        try {
          message = channel.receive(IDLE);
        } catch (SocketTimeoutException e) {
          continue; // a worker computes for as long as it likes
        }
        ShardProtocol.Request request = ShardProtocol.request(message);
        if (failure == null) {
          failure = answer(worker, request, channel);
        } else {
          // The channel stays open: a worker that has more requests under way must not find it
          // closed before it has read why.
          send(request, failed(failure), channel);
        }
      }
    } catch (IOException e) {
      // The worker is gone or sends no requests of ours. It sees a closed channel; who watches over
      // workers decides what it means.
    } finally {
      synchronized (serving) {
        serving.remove(channel);
      }
    }
    // For whoever watches over the JVM's threads.
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  /** Answers a request; what failed on the way, null if nothing did. */
  private Throwable answer(int worker, ShardProtocol.Request request, MessageChannel channel)
      throws IOException {
    Answer answer;
    try {
      answer = answer(worker, request);
    } catch (RuntimeException | Error e) { // the thread's top frame
      send(request, failed(e), channel);
      return e;
    }
    send(request, answer, channel);
    return null;
  }

  private static Answer failed(Throwable cause) {
    return Answer.refused("The shard failed: " + cause);
  }

  private static void send(ShardProtocol.Request request, Answer answer, MessageChannel channel)
      throws IOException {
    channel.send(ShardProtocol.answer(request.number(), request.clock(), answer), SEND);
  }

  private Answer answer(int worker, ShardProtocol.Request request) {
    if (request.worker() != worker) {
      return Answer.refused(
          "Worker %d must speak for itself: got a request of worker %d."
              .formatted(worker, request.worker()));
    }
    return switch (request.type()) {
      case ShardProtocol.PUSH -> shard.push(request.push());
      case ShardProtocol.PULL ->
          shard.pull(
              request.epoch(),
              worker,
              request.incarnation(),
              request.clock(),
              request.block(),
              wait(request));
      case ShardProtocol.MEASURES ->
          shard.measures(
              request.epoch(),
              worker,
              request.incarnation(),
              request.clock(),
              request.block(),
              request.round(),
              wait(request));
      case ShardProtocol.SETTLE ->
          shard.settle(
              request.epoch(),
              worker,
              request.incarnation(),
              request.clock(),
              request.round(),
              request.known());
      case ShardProtocol.COMPLETE ->
          shard.complete(request.epoch(), worker, request.incarnation(), request.clock());
      case ShardProtocol.FINISH -> shard.finish(request.epoch(), worker, request.incarnation());
      case ShardProtocol.JOIN -> shard.join(request.epoch(), worker, request.incarnation());
      default -> throw new AssertionError(request.type());
    };
  }

  private static Duration wait(ShardProtocol.Request request) {
    return Duration.ofMillis(Math.max(0, Math.min(MOST_WAIT_MILLIS, request.waitMillis())));
  }

  /** Closes all channels and waits for the threads. */
  @Override
  public void close() {
    closed = true;
    List<MessageChannel> channels;
    List<Thread> running;
    synchronized (serving) {
      channels = new ArrayList<>(serving.keySet());
      running = new ArrayList<>(serving.values().stream().map(Served::thread).toList());
    }
    for (MessageChannel channel : channels) {
      channel.close();
    }
    long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
    for (Thread thread : running) {
      try {
        thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime())));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the threads end all the same, only not awaited
        return;
      }
    }
  }
}
