package org.backdraft.driver.spark;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.spark.bridge.BarrierStage;
import org.backdraft.driver.spark.bridge.OrdinaryStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks of one attempt as one Spark job: a barrier stage, or one whose tasks start one by one,
 * in a job group of its own whose cancellation interrupts the tasks, submitted from a thread of its
 * own.
 */
final class SparkGang implements Cluster.Gang {
  private static final Logger LOG = LoggerFactory.getLogger(SparkGang.class);

  private final JavaSparkContext sc;
  private final String group;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Map<Integer, String> hosts = new ConcurrentHashMap<>();
  private final Fate listener = new Fate();
  private final LostExecutors lost = new LostExecutors();
  private volatile Throwable failure;

  /** Learns on which host each task is started, and of executors that are lost. */
  private final class Fate extends SparkListener {
    private volatile int stageId = -1;

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted event) {
      if (event.properties() != null
          && group.equals(event.properties().getProperty("spark.jobGroup.id"))) {
        stageId = event.stageInfo().stageId();
      }
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart event) {
      if (event.stageId() == stageId) {
        hosts.put(event.taskInfo().index(), event.taskInfo().host());
      }
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
      lost.add(event.reason());
    }
  }

  private SparkGang(JavaSparkContext sc, String group) {
    this.sc = sc;
    this.group = group;
  }

  /** Submits the job. */
  static SparkGang start(
      JavaSparkContext sc, String group, int tasks, int taskCpus, BarrierStage.Body body) {
    return start(
        sc,
        group,
        "Gang of " + tasks + " workers",
        () -> BarrierStage.run(sc, tasks, taskCpus, body));
  }

  /** Submits a job whose tasks start one by one, each again when it fails. */
  static SparkGang startEach(
      JavaSparkContext sc, String group, int tasks, int taskCpus, OrdinaryStage.Body body) {
    return start(
        sc,
        group,
        tasks + " workers, each on its own",
        () -> OrdinaryStage.run(sc, tasks, taskCpus, body));
  }

  private static SparkGang start(
      JavaSparkContext sc, String group, String description, Runnable job) {
    SparkGang gang = new SparkGang(sc, group);
    sc.sc().addSparkListener(gang.listener);
    new NamedThreadFactory("gang").newThread(() -> gang.run(description, job)).start();
    return gang;
  }

  private void run(String description, Runnable job) {
    try {
      sc.setJobGroup(group, description, true);
      job.run();
    } catch (Throwable e) { // the thread's top frame; whoever awaits the gang asks for it
      LOG.debug("The job {} failed.", group, e);
      failure = e;
    } finally {
      sc.sc().removeSparkListener(listener);
      ended.countDown();
    }
  }

  @Override
  public boolean await(Duration timeout) throws InterruptedException {
    return ended.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public Optional<String> hostOf(int rank) {
    return Optional.ofNullable(hosts.get(rank));
  }

  @Override
  public Optional<String> lostExecutors() {
    return lost.words();
  }

  @Override
  public void cancel(String reason) {
    LOG.debug("Cancelling {}: {}", group, reason);
    sc.cancelJobGroup(group);
  }
}
