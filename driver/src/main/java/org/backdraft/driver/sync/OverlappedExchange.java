package org.backdraft.driver.sync;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.plan.Plan;

/**
 * Exchanges on a thread of its own, bucket after bucket: sums as soon as the backward pass has made
 * a bucket final, parameters, those of the first layers first, as soon as what this rank owns of a
 * bucket is updated, while the next step's forward pass begins. So all ranks exchange in the same
 * order, whatever each of them is computing.
 *
 * <p>Connections are used by one thread at a time. Between sums and parameters the thread waits,
 * and {@link #share} exchanges on the caller's. So does {@link #add}: in a forward pass after all
 * parameters are there, and in a backward pass {@link Plan#batchSumsBefore} puts batch sums and
 * buckets into one order. A bucket waits for the batch sums before it though it be final, and batch
 * sums wait for the buckets before them, which are final: whatever the timing, all ranks exchange
 * the same after the same.
 *
 * <p>What ends the thread is thrown to who waits for it. Steps allocate nothing.
 */
final class OverlappedExchange implements StepExchange {
  /** Waits end by events; each looks again after so long all the same. */
  private static final long LOOK_MILLIS = 100;

  private static final long CLOSE_SECONDS = 10;

  private final GangExchange gang;
  private final Buckets buckets;

  /** For each bucket the batch sums of the backward pass that come before it; never falls. */
  private final int[] batchSumsBefore;

  private final Thread thread;

  private final Object changed = new Object();
  // All that follows is guarded by `changed`.
  private long started;
  private long step;
  private int finalFrom;
  private int awaitedBegin;
  private int batchSums;
  private int summedBuckets;
  private boolean isPassOver;
  private boolean hasSums;
  private int updatedFrom; // ranges from this one on are updated
  private boolean isSkipped;
  private int arrivedTo = Integer.MAX_VALUE; // parameters before this one are there
  private boolean isClosed;
  private boolean isDead;
  private Throwable failure;

  /**
   * Starts the thread.
   *
   * @param plan of the replica that computes
   * @param rank of this worker, for the thread's name
   */
  OverlappedExchange(GangExchange gang, Buckets buckets, Plan plan, int rank) {
    this.gang = gang;
    this.buckets = buckets;
    batchSumsBefore = new int[buckets.count()];
    for (int bucket = 0; bucket < batchSumsBefore.length; bucket++) {
      batchSumsBefore[bucket] = plan.batchSumsBefore(buckets.begin(bucket));
    }
    thread = new NamedThreadFactory("exchange-of-rank-" + rank).newThread(this::serve);
    thread.start();
  }

  @Override
  public void start(long step) throws IOException {
    synchronized (changed) {
      throwFailure();
      this.step = step;
      finalFrom = Integer.MAX_VALUE;
      batchSums = 0;
      summedBuckets = 0;
      isPassOver = false;
      hasSums = false;
      started++;
      // There is nothing to exchange yet: what makes the first bucket final wakes the thread.
    }
  }

  @Override
  public void add(float[][] sums, int length, boolean backward)
      throws IOException, InterruptedException {
    long now;
    synchronized (changed) {
      now = step;
      while (arrivedTo != Integer.MAX_VALUE || (backward && hasBucketBefore(batchSums))) {
        throwFailure();
        changed.wait(LOOK_MILLIS);
      }
    }
    gang.add(sums, length, now);
    if (backward) {
      synchronized (changed) {
        batchSums++;
        if (finalFrom <= awaitedBegin) {
          changed.notifyAll();
        }
      }
    }
  }

  /**
   * Whether a bucket that comes before the batch sums of this number, counted from 0, is still to
   * be summed; the lock is held.
   */
  private boolean hasBucketBefore(int number) {
    if (summedBuckets == buckets.count() || batchSumsBefore[summedBuckets] > number) {
      return false;
    }
    if (finalFrom > buckets.begin(summedBuckets)) {
      throw new IllegalStateException(
          "Bucket %d must be final before batch sums %d of the backward pass: gradients are from %d"
                  .formatted(summedBuckets, number, finalFrom)
              + " on. All ranks would wait for ever.");
    }
    return true;
  }

  @Override
  public void finalFrom(int begin) {
    synchronized (changed) {
      finalFrom = begin;
      if (begin <= awaitedBegin) {
        changed.notifyAll();
      }
    }
  }

  @Override
  public void awaitSums() throws IOException, InterruptedException {
    synchronized (changed) {
      isPassOver = true;
      changed.notifyAll();
      while (!hasSums) {
        throwFailure();
        changed.wait(LOOK_MILLIS);
      }
    }
  }

  @Override
  public void share(double[][] blockSums) throws IOException {
    long now;
    synchronized (changed) {
      now = step;
    }
    gang.share(blockSums, now);
  }

  @Override
  public void updated(int range) {
    synchronized (changed) {
      updatedFrom = range;
      changed.notifyAll();
    }
  }

  @Override
  public void skip() throws IOException, InterruptedException {
    synchronized (changed) {
      isSkipped = true;
      changed.notifyAll();
    }
    await(Integer.MAX_VALUE); // for those of the step before; the thread goes on to the next then
  }

  @Override
  public void await(int end) throws IOException, InterruptedException {
    synchronized (changed) {
      throwFailure();
      while (arrivedTo < end) {
        changed.wait(LOOK_MILLIS);
        throwFailure();
      }
    }
  }

  /** Throws what ended the thread, if it has ended; the lock is held. */
  private void throwFailure() throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    if (isDead) {
      throw new IllegalStateException(
          thread.getName() + " must live as long as steps are started: it has ended.", failure);
    }
  }

  private void serve() {
    Throwable end = null;
    try {
      long done = 0;
      while (true) {
        awaitStart(++done);
        exchange();
      }
    } catch (Throwable e) { // the thread's top frame: the worker has to know, whatever it is
      end = e;
    } finally {
      synchronized (changed) {
        isDead = true;
        failure = end;
        changed.notifyAll();
      }
    }
  }

  private void awaitStart(long number) throws InterruptedException {
    synchronized (changed) {
      awaitedBegin = buckets.begin(0);
      while (started < number) {
        pause();
      }
    }
  }

  private void exchange() throws IOException, InterruptedException {
    long now;
    synchronized (changed) {
      now = step;
    }
    for (int bucket = 0; bucket < buckets.count(); bucket++) {
      awaitTurn(bucket);
      gang.reduceScatter(bucket, now);
      synchronized (changed) {
        summedBuckets = bucket + 1;
        changed.notifyAll();
      }
    }
    awaitPass();
    gang.allReduceTail(now);
    synchronized (changed) {
      hasSums = true;
      updatedFrom = buckets.count();
      isSkipped = false;
      arrivedTo = 0;
      changed.notifyAll();
    }
    for (int bucket = buckets.count() - 1; bucket >= 0 && isUpdated(bucket); bucket--) {
      gang.allGather(bucket, now);
      arrived(buckets.end(bucket));
    }
    arrived(Integer.MAX_VALUE);
  }

  private void arrived(int end) {
    synchronized (changed) {
      arrivedTo = end;
      changed.notifyAll();
    }
  }

  private void awaitTurn(int bucket) throws InterruptedException {
    synchronized (changed) {
      awaitedBegin = buckets.begin(bucket);
      while (finalFrom > awaitedBegin || batchSums < batchSumsBefore[bucket]) {
        pause();
      }
    }
  }

  private void awaitPass() throws InterruptedException {
    synchronized (changed) {
      while (!isPassOver) {
        pause();
      }
    }
  }

  /** Waits until what this rank owns of a bucket is updated; false if the step is skipped. */
  private boolean isUpdated(int bucket) throws InterruptedException {
    synchronized (changed) {
      while (updatedFrom > bucket && !isSkipped) {
        pause();
      }
      return !isSkipped;
    }
  }

  /** Waits on the exchange's thread for one change, or a little; the lock is held. */
  @SuppressWarnings("WaitNotInLoop") // the callers loop over their own conditions
  private void pause() throws InterruptedException {
    if (isClosed) {
      throw new InterruptedException("The exchange is closed.");
    }
    changed.wait(LOOK_MILLIS);
  }

  /** Interrupts what the thread may be in; waits for its end up to ten seconds. */
  @Override
  public void close() {
    synchronized (changed) {
      isClosed = true;
      changed.notifyAll();
    }
    thread.interrupt();
    boolean interrupted = false;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
    while (thread.isAlive() && System.nanoTime() - end < 0) {
      try {
        thread.join(LOOK_MILLIS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
