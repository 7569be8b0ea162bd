package org.backdraft.driver.spark;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.TooManyFailuresException;
import org.backdraft.driver.spark.bridge.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the workers of a gang go.
 *
 * @param placement for the driver
 * @param taskCpus cores that each task of the gang asks for; 0 in local mode, which knows no
 *     resource profiles
 * @param givenUp ids of executors that are being replaced, though Spark still counts them
 */
record SparkPlacement(Cluster.Placement placement, int taskCpus, Set<String> givenUp) {
  private static final Logger LOG = LoggerFactory.getLogger(SparkPlacement.class);
  private static final long POLL_MILLIS = 100;

  /** How long a lost executor may take until it is replaced. */
  private static final Duration REPLACEMENT = Duration.ofSeconds(60);

  /** The number of executors is final when it has not changed for this long. */
  private static final Duration SETTLED = Duration.ofSeconds(3);

  /**
   * Workers in this JVM: one with all cores as threads unless the run asks for more of them.
   *
   * @param cores to divide among the workers
   */
  static SparkPlacement local(SparkConf conf, Cluster.Request request, int cores) {
    int workers = Math.max(1, request.workers());
    int threads = request.threads() > 0 ? request.threads() : Math.max(1, cores / workers);
    return new SparkPlacement(
        new Cluster.Placement(
            workers,
            threads,
            conf.get("spark.master"),
            conf.get("spark.driver.host"),
            conf.get("spark.driver.bindAddress", conf.get("spark.driver.host")),
            workers,
            SparkHeap.here(conf, workers),
            SparkHeap.driver(conf, true)),
        0,
        ConcurrentHashMap.newKeySet());
  }

  /**
   * One worker for each executor, when they have registered.
   *
   * @throws ConfigurationException if there are fewer executors than workers, or one of them has
   *     fewer cores than threads are wanted
   */
  static SparkPlacement onExecutors(JavaSparkContext sc, Cluster.Request request, Duration deadline)
      throws InterruptedException {
    SparkConf conf = sc.getConf();
    List<Executors.Executor> executors = await(sc, request, deadline);
    int most = 0;
    int least = Integer.MAX_VALUE;
    int slots = 0;
    for (Executors.Executor each : executors) {
      most = Math.max(most, each.cores());
      least = Math.min(least, each.cores());
    }
    for (Executors.Executor each : executors) {
      slots += each.cores() / least;
    }
    if (most != least) {
      LOG.warn(
          "The executors are of unequal size ({}): each worker takes {} cores, so the larger ones"
              + " are not used to the full.",
          executors,
          least);
    }
    int workers = request.workers() > 0 ? request.workers() : executors.size();
    int threads = request.threads() > 0 ? request.threads() : least;
    if (threads > least) {
      LOG.warn("{} threads run on the {} cores of an executor.", threads, least);
    }
    if (slots > executors.size()) {
      LOG.warn("Two ranks may share one executor: {} slots on {}.", slots, executors);
    }
    return new SparkPlacement(
        new Cluster.Placement(
            workers,
            threads,
            sc.master(),
            conf.get("spark.driver.host"),
            conf.get("spark.driver.bindAddress", conf.get("spark.driver.host")),
            1,
            SparkHeap.of(conf, executors, Math.min(workers, most / least)),
            SparkHeap.driver(conf, false)),
        least,
        ConcurrentHashMap.newKeySet());
  }

  /**
   * Waits until as many executors live as there are workers, after some were lost; at once in local
   * mode, where workers cannot be lost without the driver.
   *
   * @throws TooManyFailuresException if they do not come
   */
  void awaitAgain(JavaSparkContext sc) throws InterruptedException {
    if (taskCpus == 0) {
      return;
    }
    CountDownLatch never = new CountDownLatch(1);
    long startNanos = System.nanoTime();
    int slots = slots(sc);
    while (slots < placement.workers()) {
      if (System.nanoTime() - startNanos > REPLACEMENT.toNanos()) {
        String what =
            "executors for %d workers must live again within %d s: there are slots for %d"
                .formatted(placement.workers(), REPLACEMENT.toSeconds(), slots);
        throw new TooManyFailuresException(
            new TooManyFailuresException.FirstCause(0, -1, placement.workers(), "unknown", 0, what),
            null);
      }
      boolean unused = never.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
      slots = slots(sc);
    }
  }

  /** Counts an executor no more. */
  void giveUp(String executorId) {
    givenUp.add(executorId);
  }

  private int slots(JavaSparkContext sc) {
    return Executors.alive(sc).stream()
        .filter(each -> !givenUp.contains(each.id()))
        .mapToInt(each -> each.cores() / taskCpus)
        .sum();
  }

  /** Waits until all executors that can be expected have registered. */
  private static List<Executors.Executor> await(
      JavaSparkContext sc, Cluster.Request request, Duration deadline) throws InterruptedException {
    ExpectedExecutors expected = ExpectedExecutors.of(sc);
    if (expected.count() > 0 && request.workers() > expected.count()) {
      throw tooFew(request.workers(), expected.count());
    }
    int wanted = request.workers() > 0 ? request.workers() : expected.count();
    CountDownLatch never = new CountDownLatch(1);
    long startNanos = System.nanoTime();
    long changedNanos = startNanos;
    List<Executors.Executor> executors = Executors.alive(sc);
    while (true) {
      long nowNanos = System.nanoTime();
      int count = executors.size();
      boolean isSettled = nowNanos - changedNanos >= SETTLED.toNanos();
      if (count > 0 && (wanted > 0 ? count >= wanted : isSettled)) {
        return executors;
      }
      if (nowNanos - startNanos > deadline.toNanos()) {
        throw late(executors, wanted, expected, deadline);
      }
      boolean unused = never.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
      executors = Executors.alive(sc);
      if (executors.size() != count) {
        changedNanos = System.nanoTime();
      }
    }
  }

  private static RuntimeException late(
      List<Executors.Executor> executors,
      int wanted,
      ExpectedExecutors expected,
      Duration deadline) {
    int count = executors.size();
    if (count > 0 && expected.count() == 0) {
      return tooFew(wanted, count);
    }
    String what =
        "its executor did not register with the driver within %d s (%d of %s did); set --workers %d to do without it"
            .formatted(
                deadline.toSeconds(), count, wanted > 0 ? wanted : "some", Math.max(1, count));
    return new TooManyFailuresException(
        new TooManyFailuresException.FirstCause(
            0, count, Math.max(count + 1, wanted), expected.missingHost(executors), 0, what),
        null);
  }

  private static ConfigurationException tooFew(int workers, int executors) {
    return new ConfigurationException(
        "train.workers must be at most the number of executors (%d): got %d. Start more executors, or set --workers %d."
            .formatted(executors, workers, executors));
  }
}
