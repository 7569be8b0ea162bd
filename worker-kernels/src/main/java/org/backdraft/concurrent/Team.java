package org.backdraft.concurrent;

import java.util.Arrays;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.backdraft.tensor.Checks;

/**
 * A fixed number of threads that do the same task at once, each its own share; the caller is thread
 * 0. Running a task allocates nothing.
 *
 * <p>Threads wait for the next task by spinning for some microseconds, then park. Whoever waits for
 * the others does so up to a deadline. Used by one caller at a time.
 */
public final class Team implements AutoCloseable {
  /** What all threads run. */
  public interface Task {
    /**
     * @param thread in [0, threads)
     */
    void run(int thread);
  }

  /** Tasks are parts of a step: none takes this long unless the machine has died under it. */
  private static final long DEADLINE_MILLIS = TimeUnit.MINUTES.toMillis(30);

  /** Some tens of microseconds, and none at all where threads outnumber processors. */
  private static final int SPINS = 4000;

  private static final long PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Each thread's counters lie this far apart, so that no two share a cache line. */
  private static final int PAD = 32;

  private final int threads;
  private final long deadlineMillis;
  private final int spins;
  private final Thread[] workers;
  private final AtomicIntegerArray done;
  private final AtomicIntegerArray parked;
  private final Throwable[] failures;

  private Task task;
  private volatile int round;
  private volatile boolean closed;
  private volatile Thread caller;

  /**
   * Starts {@code threads - 1} threads.
   *
   * @throws IllegalArgumentException if {@code threads} is below 1
   */
  public Team(int threads) {
    this(threads, DEADLINE_MILLIS);
  }

  /**
   * @param deadlineMillis how long the caller waits for another thread's share
   */
  Team(int threads, long deadlineMillis) {
    Checks.argument(threads >= 1, "A team needs at least one thread: got %d.", threads);
    this.threads = threads;
    this.deadlineMillis = deadlineMillis;
    spins = threads <= Runtime.getRuntime().availableProcessors() ? SPINS : 0;
    workers = new Thread[threads];
    done = new AtomicIntegerArray(threads * PAD);
    parked = new AtomicIntegerArray(threads * PAD);
    failures = new Throwable[threads];
    ThreadFactory factory = new NamedThreadFactory("team");
    for (int t = 1; t < threads; t++) {
      int thread = t;
      workers[t] = factory.newThread(() -> serve(thread));
      workers[t].start();
    }
  }

  /** How many threads run a task, the caller included. */
  public int threads() {
    return threads;
  }

  /** The threads other than the caller's. */
  public Thread[] workers() {
    return Arrays.copyOfRange(workers, 1, threads);
  }

  /**
   * Runs the task on all threads and returns when all have ended. What a thread throws is thrown
   * here, that of the lowest number if several do.
   *
   * @throws IllegalStateException if the team is closed or a thread does not end before the
   *     deadline
   */
  public void run(Task next) {
    if (threads == 1) {
      next.run(0);
      return;
    }
    // Not by Checks.state: unless it is inlined, its empty array of values is allocated each time.
    if (closed) {
      throw new IllegalStateException("The team must not be closed before its last task.");
    }
    task = next;
    caller = Thread.currentThread();
    int now = round + 1;
    round = now;
    for (int t = 1; t < threads; t++) {
      if (parked.get(t * PAD) != 0) {
        LockSupport.unpark(workers[t]);
      }
    }
    runShare(next, 0);
    for (int t = 1; t < threads; t++) {
      await(t, now);
    }
    throwFailure();
  }

  private void runShare(Task next, int thread) {
    try {
      next.run(thread);
    } catch (Throwable e) {
      failures[thread] = e;
    }
  }

  private void await(int t, int now) {
    for (int i = 0; i < spins; i++) {
      if (done.get(t * PAD) == now) {
        return;
      }
      Thread.onSpinWait();
    }
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(deadlineMillis);
    parked.set(0, 1);
    while (done.get(t * PAD) != now) {
      LockSupport.parkNanos(this, Math.min(PARK_NANOS, Math.max(1, end - System.nanoTime())));
      if (done.get(t * PAD) != now && System.nanoTime() - end > 0) {
        closed = true;
        throw new IllegalStateException(
            workers[t].getName()
                + " must end its share of a task within "
                + deadlineMillis
                + " ms and did not; the team is closed. See its stack in a thread dump.");
      }
    }
    parked.set(0, 0);
  }

  private void throwFailure() {
    for (int t = 0; t < threads; t++) {
      Throwable failure = failures[t];
      if (failure == null) {
        continue;
      }
      for (int i = t; i < threads; i++) {
        failures[i] = null;
      }
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
      throw new IllegalStateException(failure);
    }
  }

  private void serve(int thread) {
    int seen = 0;
    while (true) {
      seen = awaitRound(thread, seen);
      if (closed) {
        return;
      }
      runShare(task, thread);
      done.set(thread * PAD, seen);
      if (parked.get(0) != 0) {
        LockSupport.unpark(caller);
      }
    }
  }

  private int awaitRound(int thread, int seen) {
    for (int i = 0; i < spins; i++) {
      int now = round;
      if (now != seen) {
        return now;
      }
      Thread.onSpinWait();
    }
    parked.set(thread * PAD, 1);
    // The caller may take any time between two tasks; each park ends by itself all the same.
    while (round == seen && !closed) {
      LockSupport.parkNanos(this, PARK_NANOS);
    }
    parked.set(thread * PAD, 0);
    return round;
  }

  /** Ends the threads; waits for them up to ten seconds. */
  @Override
  public void close() {
    closed = true;
    round = round + 1;
    boolean interrupted = false;
    for (int t = 1; t < threads; t++) {
      LockSupport.unpark(workers[t]);
    }
    for (int t = 1; t < threads; t++) {
      try {
        workers[t].join(TimeUnit.SECONDS.toMillis(10));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
