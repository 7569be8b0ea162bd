package org.backdraft.driver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.driver.worker.Worker;
import org.backdraft.driver.worker.WorkerPlace;
import org.backdraft.driver.worker.WorkerTask;

/** Workers as threads, each started again when it fails, as the tasks of an ordinary Spark job. */
final class RestartingThreads implements Cluster.Gang {
  /** Starts of a task in all, as with Spark's defaults. */
  static final int MOST_STARTS = 4;

  /** What a start of a worker does; a test may put something else than the worker there. */
  interface Body {
    void run(WorkerTask.Leased task, int rank, int start) throws Exception;
  }

  static final Body WORKER =
      (task, rank, start) ->
          new Worker(task, new WorkerPlace(rank, start, "127.0.0.1", "thread-" + rank)).run();

  private final List<Thread> threads = new ArrayList<>();
  private final CountDownLatch ended;
  private final AtomicReference<Throwable> cause = new AtomicReference<>();
  private volatile boolean cancelled;

  RestartingThreads(WorkerTask.Leased task, Body body) {
    int workers = task.gang().worldSize();
    ended = new CountDownLatch(workers);
    NamedThreadFactory factory = new NamedThreadFactory("test-rank");
    for (int i = 0; i < workers; i++) {
      int rank = i;
      threads.add(factory.newThread(() -> runOne(task, rank, body)));
    }
    threads.forEach(Thread::start);
  }

  private void runOne(WorkerTask.Leased task, int rank, Body body) {
    try {
      for (int start = 0; start < MOST_STARTS && !cancelled; start++) {
        try {
          body.run(task, rank, start);
          return;
        } catch (Throwable e) { // whatever it is, a task of Spark's would be tried again
          boolean unused = Thread.interrupted();
          if (start == MOST_STARTS - 1 && cause.compareAndSet(null, e)) {
            cancel("a task has failed too often");
          }
        }
      }
    } finally {
      ended.countDown();
    }
  }

  @Override
  public boolean await(Duration timeout) throws InterruptedException {
    return ended.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public Optional<Throwable> failure() {
    return Optional.ofNullable(cause.get());
  }

  @Override
  public Optional<String> hostOf(int rank) {
    return Optional.of("127.0.0.1");
  }

  @Override
  public void cancel(String reason) {
    cancelled = true;
    for (Thread each : threads) {
      if (each != Thread.currentThread()) {
        each.interrupt();
      }
    }
  }
}
