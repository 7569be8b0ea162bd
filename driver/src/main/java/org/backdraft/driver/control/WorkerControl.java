package org.backdraft.driver.control;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.tcp.ControlClient;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.concurrent.NamedThreadFactory;

/**
 * A worker's end of its control channel. Tells the driver every second that it lives and in which
 * step, and sends what is recorded of the steps, on threads of its own.
 *
 * <p>When the driver is lost, the thread that opened this is interrupted, and its next call here
 * says why.
 *
 * <p><b>Threads</b>: all methods are for the thread that opened it, unless they say otherwise.
 */
public final class WorkerControl implements AutoCloseable {
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(1);
  private static final long TICK_MILLIS = 200;
  private static final int TICKS_PER_HEARTBEAT = 5;
  private static final long FAREWELL_MILLIS = 5_000;

  /** The driver gives up first, since it knows which rank is missing. */
  private static final long PATIENCE_MILLIS = 15_000;

  /** A driver this long silent is gone: five times the pause that a garbage collector may take. */
  private static final long DRIVER_SILENCE_MILLIS = 60_000;

  private final GangAddress address;
  private final MessageChannel channel;
  private final NamedThreadFactory threads;
  private final Thread owner = Thread.currentThread();
  private final BlockingQueue<Message> inbox = new LinkedBlockingQueue<>();
  private final BlockingQueue<Message> errands = new LinkedBlockingQueue<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch readerEnded = new CountDownLatch(1);
  private final Object sending = new Object();
  private final Object recording = new Object();
  private StepRecords records = new StepRecords(); // guarded by recording
  private StepRecords sent = new StepRecords(); // guarded by sending
  private TimeRecords times = new TimeRecords(); // guarded by recording
  private TimeRecords sentTimes = new TimeRecords(); // guarded by sending
  private final Object ending = new Object();
  private boolean over; // guarded by ending
  private IOException driverLoss; // guarded by ending
  private final AtomicInteger signal = new AtomicInteger();
  private volatile long step;
  private volatile long heardNanos = System.nanoTime();

  private WorkerControl(GangAddress address, MessageChannel channel, NamedThreadFactory threads) {
    this.address = address;
    this.channel = channel;
    this.threads = threads;
  }

  /** Connects to the driver. */
  public static WorkerControl connect(GangAddress address, int rank) throws IOException {
    return over(dial(address, rank), address, rank);
  }

  /**
   * Connects a start of a worker that follows another one, whose connection the driver may still
   * hold: comes again until the driver has seen that one end.
   */
  public static WorkerControl connectAgain(GangAddress address, int rank)
      throws IOException, InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    long startNanos = System.nanoTime();
    while (true) {
      try {
        return connect(address, rank);
      } catch (CollectiveException.StaleAttempt e) {
        throw e;
      } catch (CollectiveException e) {
        long elapsedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        if (elapsedMillis > address.silenceTimeoutMillis() + PATIENCE_MILLIS) {
          throw e;
        }
        boolean unused = never.await(TICK_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
  }

  private static MessageChannel dial(GangAddress address, int rank) throws IOException {
    return ControlClient.connect(
        address.host(),
        address.port(),
        address.credentials(),
        TransportSecurity.of(address.tls()),
        rank,
        Duration.ofMillis(address.registrationTimeoutMillis()),
        GangControl.MAX_MESSAGE_BYTES);
  }

  private static WorkerControl over(MessageChannel channel, GangAddress address, int rank) {
    WorkerControl control =
        new WorkerControl(address, channel, new NamedThreadFactory("control-rank-" + rank));
    control.threads.newThread(control::read).start();
    return control;
  }

  /** Introduces this worker and waits until all others have come. */
  public PeerTable register(Hello hello) throws IOException, InterruptedException {
    introduce(hello);
    long timeoutMillis = address.registrationTimeoutMillis() + PATIENCE_MILLIS;
    return PeerTable.of(await(MessageKind.PEERS, timeoutMillis), address.worldSize());
  }

  /** Says hello, and from then on tells that this worker lives. */
  void introduce(Hello hello) throws IOException {
    send(hello.toMessage());
    // Not before: the driver takes nothing from a worker that has not introduced itself.
    threads.newThread(this::report).start();
  }

  /** Receives the weights to start with. */
  public void receiveStartWeights(float[] parameters, float[] buffers)
      throws IOException, InterruptedException {
    int total = Math.addExact(parameters.length, buffers.length);
    int received = 0;
    while (received < total) {
      Message message = await(MessageKind.START_WEIGHTS, address.registrationTimeoutMillis());
      WeightsChunk chunk = WeightsChunk.of(MessageKind.START_WEIGHTS, message);
      chunk.copyTo(parameters, buffers);
      received += chunk.values().length;
    }
  }

  /**
   * Asks for the optimizer's state to start with.
   *
   * @param ranges of all parameters, and the arrays
   * @param take told of each piece
   */
  public void receiveStartState(StateRanges ranges, StateTaker take)
      throws IOException, InterruptedException {
    send(ranges.toMessage());
    long missing = 0;
    for (int i = 0; i < ranges.begins().length; i++) {
      missing +=
          (long) (ranges.endSlot() - ranges.firstSlot()) * (ranges.ends()[i] - ranges.begins()[i]);
    }
    while (missing > 0) {
      Message message = await(MessageKind.START_STATE, address.registrationTimeoutMillis());
      StateChunk chunk = StateChunk.of(MessageKind.START_STATE, message);
      take.take(chunk);
      missing -= chunk.values().length;
    }
  }

  /** Takes pieces of state. */
  @FunctionalInterface
  public interface StateTaker {
    /**
     * @throws IOException if it was not asked for
     */
    void take(StateChunk chunk) throws IOException;
  }

  /** Tells the driver that the state after a step follows; for rank 0. */
  public void beginState(long after, StateMark mark) throws IOException {
    flush(); // the driver knows all steps before it hears of their state
    send(mark.toMessage(after));
  }

  /** Waits until the driver has copied what it keeps itself of that state; for rank 0. */
  public void awaitStateKept() throws IOException, InterruptedException {
    Message unused = await(MessageKind.STATE_KEPT, address.stepTimeoutMillis());
  }

  /**
   * Sends elements of an array of the state after a step, at most {@link StateChunk#MOST_FLOATS}.
   * For any thread.
   */
  public void sendState(long after, int slot, int begin, float[] values, int from, int length)
      throws IOException {
    send(StateChunk.message(MessageKind.STATE, after, slot, begin, values, from, length));
  }

  /** Tells the driver that it has all of this rank's state after a step. For any thread. */
  public void endState(long after) throws IOException {
    flush(); // the driver has told of all steps before it saves what they have led to
    send(new Message(MessageKind.STATE_ENDS.code(), after, new byte[0]));
  }

  /** Tells the driver what this rank's weights are after so many steps. */
  public void compare(long steps, ReplicaDigest digest) throws IOException {
    send(digest.toMessage(steps));
  }

  /** What the driver wants all ranks to know since the last call, 0 for nothing; for rank 0. */
  public int takeSignal() {
    return signal.getAndSet(0);
  }

  /** Tells the driver how the gang sums; for rank 0. */
  public void tell(SyncChoice choice) throws IOException {
    send(choice.toMessage());
  }

  /** Notes the step that this rank is in, from 0; goes with the next heartbeat. */
  public void enterStep(long step) {
    this.step = step;
  }

  /** Notes a step for the driver; the arguments are those of {@link StepRecords#add}. */
  public void recordStep(
      int epoch,
      long step,
      double lossSum,
      double denominator,
      double correct,
      double labels,
      int examples,
      double learningRate,
      long nanos) {
    synchronized (recording) {
      records.add(
          epoch, step, lossSum, denominator, correct, labels, examples, learningRate, nanos);
    }
  }

  /** Notes where the time of a step went; the arguments are those of {@link TimeRecords#add}. */
  public void recordTimes(
      long step,
      long computeNanos,
      long communicationNanos,
      long waitingNanos,
      long dataNanos,
      long pushedBytes) {
    synchronized (recording) {
      times.add(step, computeNanos, communicationNanos, waitingNanos, dataNanos, pushedBytes);
    }
  }

  /** Sends the scores of this rank's leaves, and waits for what the driver decides. */
  public Verdict report(int epoch, LeafScores scores) throws IOException, InterruptedException {
    flush();
    send(scores.toMessage(epoch, step));
    while (true) {
      // The driver answers when the slowest rank has reported; while it lives, that may take long.
      Verdict verdict = Verdict.of(await(MessageKind.VERDICT, Long.MAX_VALUE));
      if (verdict.epoch() == epoch) {
        return verdict;
      }
    }
  }

  /** Waits, after this rank has stopped as told, until all others have. */
  public void awaitEnd() throws IOException, InterruptedException {
    Message unused = await(MessageKind.END, Long.MAX_VALUE);
  }

  /** Sends parameters and buffers, in chunks. */
  public void sendWeights(float[] parameters, float[] buffers) throws IOException {
    int total = Math.addExact(parameters.length, buffers.length);
    for (int begin = 0; begin < total; begin += WeightsChunk.MAX_FLOATS) {
      int length = Math.min(WeightsChunk.MAX_FLOATS, total - begin);
      send(WeightsChunk.message(MessageKind.WEIGHTS, parameters, buffers, begin, length));
    }
  }

  /** Tells the driver that this rank is done; nothing may follow but {@link #close}. */
  public void finish(Finish finish) throws IOException, InterruptedException {
    flush();
    end();
    send(finish.toMessage(step));
    awaitFarewell();
  }

  /** Tells the driver that this rank has failed; nothing may follow but {@link #close}. */
  public void fail(FailureReport report) throws IOException, InterruptedException {
    end();
    send(report.toMessage());
    awaitFarewell();
  }

  /** Whether the driver was lost, and how; null while it lives. */
  public IOException driverLoss() {
    synchronized (ending) {
      return driverLoss;
    }
  }

  @Override
  public void close() {
    end();
    channel.close();
  }

  /** The driver closes first, so that no reset of ours can overtake our last message. */
  private void awaitFarewell() throws InterruptedException {
    boolean unused = readerEnded.await(FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void end() {
    synchronized (ending) {
      over = true;
    }
    stopped.countDown();
  }

  private void loseDriver(IOException cause) {
    synchronized (ending) {
      if (over || driverLoss != null) {
        return;
      }
      driverLoss =
          new IOException(
              "Lost the driver at %s:%d: %s."
                  .formatted(address.host(), address.port(), cause.getMessage()),
              cause);
      owner.interrupt();
    }
    stopped.countDown();
  }

  private void read() {
    try {
      while (true) {
        try {
          Message message = channel.receive(READ_TIMEOUT);
          heardNanos = System.nanoTime();
          if (message.type() == MessageKind.SIGNAL.code()) {
            // What is to be raised first is the larger one: that to stop, which saves too.
            int unused = signal.accumulateAndGet((int) message.step(), Math::max);
          } else if (message.type() != MessageKind.ALIVE.code()) {
            (MessageKind.of(message.type()).isErrand() ? errands : inbox).add(message);
          }
        } catch (SocketTimeoutException e) {
          long silentMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heardNanos);
          if (silentMillis > DRIVER_SILENCE_MILLIS) {
            throw new IOException("it was silent for " + silentMillis + " ms", e);
          }
        }
      }
    } catch (IOException e) {
      loseDriver(e);
    } finally {
      readerEnded.countDown();
    }
  }

  private void report() {
    try {
      int tick = 0;
      while (!stopped.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
        flush();
        if (++tick % TICKS_PER_HEARTBEAT == 0) {
          send(new Message(MessageKind.HEARTBEAT.code(), step, new byte[0]));
        }
      }
    } catch (IOException e) {
      loseDriver(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      loseDriver(new IOException("its reporter was interrupted", e));
    }
  }

  private void flush() throws IOException {
    synchronized (sending) {
      StepRecords full;
      TimeRecords fullTimes;
      synchronized (recording) {
        full = records;
        records = sent;
        sent = full;
        fullTimes = times;
        times = sentTimes;
        sentTimes = fullTimes;
      }
      // Sent outside the lock of recordStep, which never waits for the network.
      if (fullTimes.count() > 0) {
        send(fullTimes.toMessage());
        fullTimes.clear();
      }
      if (full.count() > 0) {
        send(full.toMessage());
        full.clear();
      }
    }
  }

  void send(Message message) throws IOException {
    channel.send(message, SEND_TIMEOUT);
  }

  /** The next message, which must be of that kind. */
  private Message await(MessageKind kind, long timeoutMillis)
      throws IOException, InterruptedException {
    Message message = await(timeoutMillis, kind.toString());
    MessageKind came = MessageKind.of(message.type());
    if (came != kind) {
      throw new IOException("The driver must send %s here: got %s.".formatted(kind, came));
    }
    return message;
  }

  /** The next message, null if none has come in time. */
  Message poll(long timeoutMillis) throws IOException, InterruptedException {
    IOException loss = driverLoss();
    if (loss != null) {
      throw loss;
    }
    return inbox.poll(timeoutMillis, TimeUnit.MILLISECONDS);
  }

  /**
   * The next errand of the keeper of shards, null if none came in time. For the keeper's thread.
   */
  Message nextErrand(Duration timeout) throws InterruptedException {
    return errands.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What the driver says to a hello, which it may be busy before. */
  Message awaitAnswer() throws IOException, InterruptedException {
    return await(address.registrationTimeoutMillis() + PATIENCE_MILLIS, "an answer to a hello");
  }

  /**
   * The next message.
   *
   * @param what it is, for the message of an error
   */
  Message await(long timeoutMillis, String what) throws IOException, InterruptedException {
    long startNanos = System.nanoTime();
    while (true) {
      IOException loss = driverLoss();
      if (loss != null) {
        throw loss;
      }
      Message message = inbox.poll(TICK_MILLIS, TimeUnit.MILLISECONDS);
      if (message != null) {
        return message;
      }
      if (TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos) > timeoutMillis) {
        throw new SocketTimeoutException(
            "The driver did not send %s within %d ms.".formatted(what, timeoutMillis));
      }
    }
  }
}
