package org.backdraft.benchmarks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.PostedRanges;
import org.backdraft.comm.transport.Transport;
import org.backdraft.concurrent.NamedThreadFactory;

/**
 * Ranks of one JVM over links that are slow because threads sleep: each rank has a thread for its
 * way out, which sleeps b·β for a message of b bytes, and one for its way in, which gets the
 * message a latency α after the other began to send it and sleeps b·β again. So slow links cost no
 * processor, and sixteen ranks fit two cores.
 */
final class ShapedGang implements AutoCloseable {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** A message under way; {@code dueNanos} is when its first byte is at the receiver. */
  private record Parcel(int from, int to, float[] values, long dueNanos) implements Delayed {
    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(dueNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(dueNanos, ((Parcel) other).dueNanos);
    }

    Parcel at(long nanos) {
      return new Parcel(from, to, values, nanos);
    }
  }

  private final long latencyNanos;
  private final double nanosPerByte;
  private final List<Rank> ranks = new ArrayList<>();
  private final List<DelayQueue<Parcel>> waysIn = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  /** Starts two threads a rank. */
  ShapedGang(int worldSize, double latencySeconds, double secondsPerByte) {
    latencyNanos = Math.round(1e9 * latencySeconds);
    nanosPerByte = 1e9 * secondsPerByte;
    NamedThreadFactory factory = new NamedThreadFactory("shaped-link");
    for (int rank = 0; rank < worldSize; rank++) {
      waysIn.add(new DelayQueue<>());
      ranks.add(new Rank(new RankContext(rank, worldSize, 0)));
    }
    for (Rank rank : ranks) {
      threads.add(factory.newThread(() -> send(rank)));
      threads.add(factory.newThread(() -> deliver(rank)));
    }
    threads.forEach(Thread::start);
  }

  Transport transport(int rank) {
    return ranks.get(rank);
  }

  private void send(Rank rank) {
    try {
      while (true) {
        Parcel parcel = rank.wayOut.take();
        long startNanos = System.nanoTime();
        waysIn.get(parcel.to).add(parcel.at(startNanos + latencyNanos));
        sleepUntil(startNanos + nanos(parcel));
        rank.sent();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the gang is closed
    }
  }

  private void deliver(Rank rank) {
    try {
      while (true) {
        Parcel parcel = waysIn.get(rank.context.rank()).take();
        sleepUntil(System.nanoTime() + nanos(parcel));
        rank.arrived(parcel);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the gang is closed
    }
  }

  private long nanos(Parcel parcel) {
    return Math.round(nanosPerByte * parcel.values.length * Float.BYTES);
  }

  /** Returns at once where the time is over. */
  static void sleepUntil(long endNanos) throws InterruptedException {
    long left = endNanos - System.nanoTime();
    while (left > 0) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException("Told to stop.");
      }
      left = endNanos - System.nanoTime();
    }
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
  }

  private static final class Rank implements Transport {
    private final RankContext context;
    private final BlockingQueue<Parcel> wayOut = new LinkedBlockingQueue<>();
    private final PostedRanges[] receives; // by peer
    private final Deque<Integer> receiveOrder = new ArrayDeque<>();
    private final List<Deque<float[]>> arrived = new ArrayList<>(); // by peer; guarded by this
    private int unsent; // guarded by this

    Rank(RankContext context) {
      this.context = context;
      receives = new PostedRanges[context.worldSize()];
      for (int peer = 0; peer < receives.length; peer++) {
        receives[peer] = new PostedRanges();
        arrived.add(new ArrayDeque<>());
      }
    }

    private synchronized void sent() {
      unsent--;
      notifyAll();
    }

    private synchronized void arrived(Parcel parcel) {
      arrived.get(parcel.from).add(parcel.values);
      notifyAll();
    }

    @Override
    public RankContext context() {
      return context;
    }

    @Override
    public void send(int peer, long step, float[] source, int begin, int end) {
      PostedRanges.check(peer, context.rank(), context.worldSize(), source, begin, end);
      synchronized (this) {
        unsent++;
      }
      // A copy: the receiver gets it after the sender may have gone on.
      wayOut.add(new Parcel(context.rank(), peer, Arrays.copyOfRange(source, begin, end), 0));
    }

    @Override
    public void receive(int peer, long step, float[] target, int begin, int end) {
      PostedRanges.check(peer, context.rank(), context.worldSize(), target, begin, end);
      receives[peer].add(step, target, begin, end);
      receiveOrder.add(peer);
    }

    @Override
    public synchronized void await(String operation) throws CollectiveException {
      long startNanos = System.nanoTime();
      while (!receiveOrder.isEmpty()) {
        int peer = receiveOrder.remove();
        while (arrived.get(peer).isEmpty()) {
          waitForChange(peer, operation, startNanos);
        }
        PostedRanges next = receives[peer];
        System.arraycopy(
            arrived.get(peer).remove(), 0, next.array(), next.begin(), next.end() - next.begin());
        next.remove();
      }
      while (unsent > 0) {
        waitForChange(context.rank(), operation, startNanos);
      }
    }

    @SuppressWarnings("WaitNotInLoop") // the callers loop over their own conditions
    private synchronized void waitForChange(int peer, String operation, long startNanos)
        throws CollectiveException {
      long elapsedNanos = System.nanoTime() - startNanos;
      CollectiveException.Where where =
          new CollectiveException.Where(
              context, operation, 0, TimeUnit.NANOSECONDS.toMillis(elapsedNanos));
      if (elapsedNanos > DEADLINE_NANOS) {
        throw new CollectiveException.Timeout(peer, where);
      }
      try {
        wait(TimeUnit.NANOSECONDS.toMillis(DEADLINE_NANOS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CollectiveException.Interrupted(peer, where, e);
      }
    }

    @Override
    public long waitedNanos() {
      return 0;
    }

    @Override
    public void close() {}
  }
}
