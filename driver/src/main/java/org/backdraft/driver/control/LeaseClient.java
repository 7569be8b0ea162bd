package org.backdraft.driver.control;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.transport.Message;

/**
 * A worker's talk about leases over its control channel. The driver sends leases as it sees fit, up
 * to a few ahead; the worker takes them in order.
 *
 * <p>For the thread that opened the channel.
 */
public final class LeaseClient {
  private static final long TICK_MILLIS = 200;

  private final WorkerControl control;
  private final ArrayDeque<Lease> waiting = new ArrayDeque<>();
  private ShardTable table;
  private boolean ended;

  public LeaseClient(WorkerControl control) {
    this.control = control;
  }

  /** Introduces this start of the worker, and waits until it is known where the shards are. */
  public void enroll(Hello hello) throws IOException, InterruptedException {
    control.introduce(hello);
    take(control.awaitAnswer());
    if (table == null && !ended) {
      throw new IOException("The driver must say first where the shards are: it did not.");
    }
  }

  /** Where the shards are, as far as it is known. */
  public ShardTable table() {
    return table;
  }

  /**
   * Waits for a table that follows another one; whether it has come. It does not where there is no
   * more work, or the time is over.
   */
  public boolean awaitTable(int epoch, long timeoutMillis)
      throws IOException, InterruptedException {
    long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    while (!ended && table.epoch() <= epoch && System.nanoTime() < endNanos) {
      Message message = control.poll(TICK_MILLIS);
      if (message != null) {
        take(message);
      }
    }
    return !ended && table.epoch() > epoch;
  }

  /** Whether there is no more work. */
  public boolean isEnded() {
    return ended && waiting.isEmpty();
  }

  /** The next lease; waits for as long as the driver lives. Null when there is no more work. */
  public Lease await() throws IOException, InterruptedException {
    while (waiting.isEmpty() && !ended) {
      take(control.await(Long.MAX_VALUE, "work"));
    }
    return waiting.poll();
  }

  /** The next lease that is already there; null if there is none. */
  public Lease poll() throws IOException, InterruptedException {
    for (Message message = control.poll(0); message != null; message = control.poll(0)) {
      take(message);
    }
    return waiting.poll();
  }

  private void take(Message message) throws IOException {
    MessageKind kind = MessageKind.of(message.type());
    switch (kind) {
      case LEASE -> waiting.add(Lease.of(message));
      case SHARDS -> table = ShardTable.of(message);
      case END -> ended = true;
      default -> throw new IOException("The driver must send leases here: got %s.".formatted(kind));
    }
  }

  /** Says that the parameters have been pulled and the computing begins. */
  public void begin(Lease lease) throws IOException {
    control.send(new Message(MessageKind.LEASE_BEGUN.code(), lease.id(), new byte[0]));
  }

  /** Says that all shards have accepted what the lease gave. */
  public void done(Lease lease, LeaseSums sums) throws IOException {
    control.send(sums.toMessage(lease.step()));
  }

  /** Sends the scores of a lease of the validation set. */
  public void scored(Lease lease, LeafScores scores) throws IOException {
    control.send(scores.toMessage(lease.epoch(), lease.id()));
  }

  /** Says goodbye; nothing may follow. */
  public void leave() throws IOException, InterruptedException {
    control.finish(new Finish("", true));
  }
}
