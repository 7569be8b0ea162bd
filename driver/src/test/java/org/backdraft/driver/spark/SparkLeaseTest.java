package org.backdraft.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.TrainingJob;
import org.backdraft.driver.TrainingListener;
import org.backdraft.driver.TrainingReport;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.TooManyFailuresException;
import org.backdraft.driver.spark.bridge.OrdinaryStage;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Training by leases as an ordinary Spark job, whose tasks Spark starts again when they fail. */
@Timeout(150)
class SparkLeaseTest {
  private static TrainingConfig digits(String consistency, int epochs) {
    return SparkTrainingTest.digitsWith(consistency, epochs);
  }

  private static TrainingReport train(
      TrainingConfig config, Cluster.Provider clusters, TrainingListener listener)
      throws IOException {
    return new TrainingJob(
            config,
            (shape, classes) -> ModelZoo.create("lenet5", shape, classes),
            clusters,
            listener)
        .run();
  }

  /** Interrupts the worker of rank 1 once, after so many steps, which fails its task. */
  private static final class Killer implements TrainingListener {
    private final ConcurrentLinkedQueue<Thread> killed = new ConcurrentLinkedQueue<>();
    private final long step;

    Killer(long step) {
      this.step = step;
    }

    @Override
    public void onStep(Step done) {
      if (done.step() >= step && killed.isEmpty()) {
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("Executor task launch worker"))
            .filter(thread -> thread.getName().contains("task 1."))
            .forEach(
                thread -> {
                  killed.add(thread);
                  thread.interrupt();
                });
      }
    }
  }

  @Test
  void aTaskThatFailsIsStartedAgainWhileTheOthersGoOn() throws IOException {
    Killer once = new Killer(20);
    TrainingReport report =
        train(digits("async", 12), new SparkClusters(Optional.of("local[2,4]"), 2), once);

    assertThat(once.killed).isNotEmpty();
    assertThat(report.sync().restarts()).isEqualTo(1);
    assertThat(report.steps()).isEqualTo(12 * 11);
    assertThat(report.sync().leases()).isEqualTo(2L * 12 * 11);
    assertThat(report.validationAccuracy()).isGreaterThan(0.7);
  }

  @Test
  void aTaskThatFailsWhereSparkTriesItOnceEndsTheRun() {
    Killer once = new Killer(5);
    TooManyFailuresException e =
        catchThrowableOfType(
            TooManyFailuresException.class,
            () -> train(digits("ssp:2", 100), new SparkClusters(Optional.of("local[2]"), 2), once));

    assertThat(e).as("must be thrown").isNotNull();
    assertThat(e.exitCode()).isEqualTo(6);
    assertThat(e).hasMessageContaining("rank ").hasMessageContaining("spark.task.maxFailures");
  }

  @Test
  void triesAreCountedFromZero() throws InterruptedException {
    SparkConf conf = new SparkConf().setMaster("local[2,3]");
    SparkDefaults.apply(conf);
    SparkDefaults.applyLocal(conf);
    JavaSparkContext sc = new JavaSparkContext(conf);
    try {
      OrdinaryStage.Body body =
          (rank, start) -> {
            if (rank == 1 && start < 2) {
              throw new IOException("try " + start);
            }
            if (start != TaskContext.get().attemptNumber()) {
              throw new AssertionError("start " + start);
            }
          };
      SparkGang gang = SparkGang.startEach(sc, "tries", 2, 0, body);

      assertThat(gang.await(Duration.ofSeconds(30))).isTrue();
      assertThat(gang.failure()).isEmpty();
    } finally {
      SparkStop.stop(sc);
    }
  }
}
