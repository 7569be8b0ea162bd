package org.backdraft.ps;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;

/**
 * A worker's talk with one shard: sends requests, a bounded number of bytes ahead of the answers,
 * and sends again what was not answered, so that lost, doubled and reordered messages do no harm.
 * Used by one thread.
 */
final class ShardConversation {
  /** A request and what becomes of its answer. */
  abstract static class Task {
    private long number;
    private long sentNanos;
    private long notBeforeNanos;
    private Message message;

    /** The request; called once, when its turn has come. */
    abstract Message request(long number);

    /** Takes the last answer. */
    void done(Answer answer) {}
  }

  /**
   * Requests under way, so that answers, which are long where requests are short, cannot fill the
   * channel while this end still sends.
   */
  private static final int MOST_IN_FLIGHT = 8;

  private static final String SILENCE = "it said nothing";

  private final int worker;
  private final int shard;
  private final MessageChannel channel;
  private final ClientSettings settings;
  private final Map<Long, Task> inFlight = new HashMap<>();
  private long nextNumber;
  private long bytesInFlight;
  private String waitingFor = SILENCE;
  private int awaitedWorker = -1;

  ShardConversation(int worker, int shard, MessageChannel channel, ClientSettings settings) {
    this.worker = worker;
    this.shard = shard;
    this.channel = channel;
    this.settings = settings;
  }

  /**
   * Has all tasks done.
   *
   * @param operation for the message of an error
   */
  void run(String operation, long clock, List<? extends Task> tasks) throws ShardException {
    ArrayDeque<Task> waiting = new ArrayDeque<>(tasks);
    long startNanos = System.nanoTime();
    long doneNanos = startNanos;
    inFlight.clear();
    bytesInFlight = 0;
    waitingFor = SILENCE;
    awaitedWorker = -1;
    try {
      while (!waiting.isEmpty() || !inFlight.isEmpty()) {
        long nowNanos = System.nanoTime();
        if (nowNanos - doneNanos >= settings.deadline().toNanos()) {
          throw new ShardException.Timeout(
              where(operation, clock, startNanos), awaitedWorker, waitingFor);
        }
        if (Thread.currentThread().isInterrupted()) {
          throw new IOException("the thread was interrupted");
        }
        while (!waiting.isEmpty()
            && (inFlight.isEmpty()
                || (inFlight.size() < MOST_IN_FLIGHT
                    && bytesInFlight < settings.maxBytesInFlight()))) {
          start(waiting.poll());
        }
        if (receive(sendAgain(nowNanos), operation, clock, startNanos)) {
          doneNanos = System.nanoTime();
        }
      }
    } catch (ShardException e) {
      throw e;
    } catch (IOException e) {
      throw new ShardException.Lost(where(operation, clock, startNanos), e);
    }
  }

  private void start(Task task) throws IOException {
    task.number = nextNumber++;
    task.message = task.request(task.number);
    inFlight.put(task.number, task);
    bytesInFlight += task.message.payload().length;
    send(task);
  }

  private void send(Task task) throws IOException {
    task.sentNanos = System.nanoTime();
    task.notBeforeNanos = task.sentNanos + settings.retry().toNanos();
    channel.send(task.message, settings.deadline());
  }

  /** Sends what is due once more; how long until the next is. */
  private long sendAgain(long nowNanos) throws IOException {
    long waitNanos = settings.retry().toNanos();
    for (Task task : inFlight.values()) {
      if (nowNanos - task.notBeforeNanos >= 0) {
        send(task);
      }
      waitNanos = Math.min(waitNanos, task.notBeforeNanos - nowNanos);
    }
    return Math.max(waitNanos, TimeUnit.MILLISECONDS.toNanos(1));
  }

  /** Takes one answer; whether a request was done. */
  private boolean receive(long waitNanos, String operation, long clock, long startNanos)
      throws IOException {
    Message message;
    try {
      message = channel.receive(Duration.ofNanos(waitNanos));
    } catch (SocketTimeoutException e) {
      return false;
    }
    Task task = inFlight.get(ShardProtocol.number(message));
    if (task == null) {
      return false; // a second answer to what was asked twice
    }
    Answer answer = ShardProtocol.answer(message);
    switch (answer.kind()) {
      case REFUSED ->
          throw new ShardException.Refused(where(operation, clock, startNanos), answer.reason());
      case BUSY -> {
        waitingFor =
            "it has too much waiting to be summed, first of all with worker " + answer.worker();
        awaitedWorker = answer.worker();
        task.notBeforeNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(answer.number());
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        return false;
      }
      case NOT_YET -> {
        waitingFor =
            "it waits for worker %d at clock %d".formatted(answer.worker(), answer.number());
        awaitedWorker = answer.worker();
        task.notBeforeNanos = System.nanoTime();
        return false;
      }
      case DONE, JOINED, VALUES, MEASURES -> {
        inFlight.remove(task.number);
        bytesInFlight -= task.message.payload().length;
        task.done(answer);
        return true;
      }
    }
    throw new AssertionError(answer.kind());
  }

  private ShardException.Where where(String operation, long clock, long startNanos) {
    return new ShardException.Where(
        worker,
        operation,
        clock,
        shard,
        channel.remote(),
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
  }

  /** How long the shard may let a pull wait: less than after what it is asked again. */
  int waitMillis() {
    return (int) Math.max(1, settings.retry().toMillis() / 2);
  }

  void close() {
    channel.close();
  }
}
