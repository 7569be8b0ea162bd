package org.backdraft.driver;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.data.BadRecordRule;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.BlockReader;
import org.backdraft.data.BlockStore;
import org.backdraft.data.ChannelSums;
import org.backdraft.data.ClassSurvey;
import org.backdraft.data.DataSource;
import org.backdraft.data.DataSources;
import org.backdraft.data.HadoopSettings;
import org.backdraft.data.RecordBlock;
import org.backdraft.data.SourceBlockStore;
import org.backdraft.data.Split;
import org.backdraft.driver.worker.BlockSource;
import org.backdraft.driver.worker.Worker;
import org.backdraft.driver.worker.WorkerPlace;
import org.backdraft.driver.worker.WorkerTask;

/** Workers as threads of this JVM, without Spark. */
final class ThreadCluster implements Cluster {
  /** What one rank's thread does; a test may put something else than the worker there. */
  interface Body {
    void run(WorkerTask task, int rank) throws Exception;
  }

  static final Body WORKER =
      (task, rank) ->
          new Worker(task, new WorkerPlace(rank, 0, "127.0.0.1", "thread-" + rank)).run();

  /** Workers that take themselves for alone in their JVMs, and so speak TCP. */
  static final Body WORKER_OVER_TCP = overTcp(List.of("127.0.0.1"));

  private final Placement placement;
  private final Body body;
  private final RestartingThreads.Body starts;

  /**
   * @param hosts local addresses; ranks take them in order, and the last for all that are left
   */
  static Body overTcp(List<String> hosts) {
    return (task, rank) -> {
      String host = hosts.get(Math.min(rank, hosts.size() - 1));
      new Worker(task, new WorkerPlace(rank, 0, host, "thread-" + rank, "jvm-" + rank)).run();
    };
  }

  private record Blocks(DataSource source, BlockPlan plan) implements BlockSource {
    @Override
    public BlockStore open(long cacheBytes) {
      return new SourceBlockStore(source, plan, cacheBytes);
    }
  }

  ThreadCluster(Request request, Body body) {
    this(request, body, Math.max(1, request.workers()));
  }

  /**
   * @param workersPerJvm that the placement promises; all run in this JVM whatever it says
   */
  ThreadCluster(Request request, Body body, int workersPerJvm) {
    this(request, body, RestartingThreads.WORKER, workersPerJvm);
  }

  private ThreadCluster(
      Request request, Body body, RestartingThreads.Body starts, int workersPerJvm) {
    int workers = Math.max(1, request.workers());
    placement =
        new Placement(
            workers,
            Math.max(1, request.threads()),
            "threads",
            "127.0.0.1",
            "127.0.0.1",
            workersPerJvm,
            new Heap(Runtime.getRuntime().maxMemory(), "-Xmx", 1, workers, 0, 0),
            new DriverHeap(Runtime.getRuntime().maxMemory(), "-Xmx", true));
    this.body = body;
    this.starts = starts;
  }

  /** For workers that are started again when they fail. */
  static Provider restarting(RestartingThreads.Body starts) {
    return provider(
        request -> new ThreadCluster(request, WORKER, starts, Math.max(1, request.workers())));
  }

  /**
   * Patterned images under {@code patterned:EXAMPLES}, one sixth as many for validation; {@code
   * digits:} as users have them.
   */
  static Provider provider(Body body) {
    return provider(request -> new ThreadCluster(request, body));
  }

  static Provider provider(Function<Request, Cluster> clusters) {
    return new Provider() {
      @Override
      public Cluster open(Request request) {
        return clusters.apply(request);
      }

      @Override
      public DataSource source(String uri, Split split, BadRecordRule rule) throws IOException {
        if (!uri.startsWith("patterned:")) {
          return DataSources.open(uri, split, HadoopSettings.defaults(), rule);
        }
        int examples = Integer.parseInt(uri.substring(uri.indexOf(':') + 1));
        return split == Split.TRAIN
            ? new PatternedImages(examples, 1)
            : new PatternedImages(Math.max(1, examples / 6), 2);
      }
    };
  }

  @Override
  public Placement placement() {
    return placement;
  }

  @Override
  public CachedData cache(DataSource source, BlockPlan plan) {
    return new CachedData() {
      @Override
      public BlockSource blocks() {
        return new Blocks(source, plan);
      }

      @Override
      public ChannelSums channelSums() {
        throw new UnsupportedOperationException("no test asks for it");
      }

      @Override
      public ClassSurvey survey(int classes, int[] ids) throws IOException {
        ClassSurvey survey = new ClassSurvey(new long[classes], List.of());
        try (BlockReader blocks = source.read(0, source.examples(), plan.examplesPerBlock())) {
          for (RecordBlock block = blocks.next(); block != null; block = blocks.next()) {
            survey = survey.plus(ClassSurvey.of(block, classes, ids));
          }
        }
        return survey;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Duration registrationTimeout() {
    // The first worker of a JVM measures its kernels before it registers.
    return Duration.ofSeconds(10);
  }

  @Override
  public Gang startEach(WorkerTask.Leased task) {
    return new RestartingThreads(task, starts);
  }

  @Override
  public Gang start(WorkerTask task) {
    int workers = task.gang().worldSize();
    CountDownLatch ended = new CountDownLatch(workers);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    NamedThreadFactory factory = new NamedThreadFactory("test-rank");
    for (int i = 0; i < workers; i++) {
      int rank = i;
      Thread thread =
          factory.newThread(
              () -> {
                try {
                  body.run(task, rank);
                } catch (Throwable e) { // as Spark: the first failure ends the gang
                  if (failure.compareAndSet(null, e)) {
                    for (Thread each : threads) {
                      if (each != Thread.currentThread()) {
                        each.interrupt();
                      }
                    }
                  }
                } finally {
                  ended.countDown();
                }
              });
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    return new ThreadGang(threads, ended, failure);
  }

  private record ThreadGang(
      List<Thread> threads, CountDownLatch ended, AtomicReference<Throwable> cause)
      implements Gang {
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
      threads.forEach(Thread::interrupt);
    }
  }

  @Override
  public void close() {}
}
