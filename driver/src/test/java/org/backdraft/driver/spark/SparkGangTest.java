package org.backdraft.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.driver.spark.bridge.BarrierStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Spark does with a gang, under the settings that Backdraft gives it. */
@Timeout(60)
class SparkGangTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private static JavaSparkContext sc;

  @BeforeAll
  static void start() {
    SparkConf conf = new SparkConf().setMaster("local[2]");
    SparkDefaults.apply(conf);
    SparkDefaults.applyLocal(conf);
    sc = new JavaSparkContext(conf);
  }

  @AfterAll
  static void stop() {
    SparkStop.stop(sc);
  }

  /** Two tasks end only if they run at the same time. */
  static final class Meeting {
    static final CountDownLatch ALL = new CountDownLatch(2);

    private Meeting() {}
  }

  /** Tells when a task runs, and when it has been interrupted. */
  static final class Hanging {
    static final CountDownLatch STARTED = new CountDownLatch(2);
    static final CountDownLatch INTERRUPTED = new CountDownLatch(2);

    private Hanging() {}
  }

  @Test
  void tasksRunAtTheSameTime() throws InterruptedException {
    BarrierStage.Body body =
        rank -> {
          Meeting.ALL.countDown();
          assertThat(Meeting.ALL.await(10, TimeUnit.SECONDS)).isTrue();
        };
    SparkGang gang = SparkGang.start(sc, "meeting", 2, 0, body);

    assertThat(gang.await(LONG)).isTrue();
    assertThat(gang.failure()).isEmpty();
    assertThat(gang.hostOf(0)).isPresent();
  }

  @Test
  void cancellingInterruptsTheTasks() throws InterruptedException {
    BarrierStage.Body body =
        rank -> {
          Hanging.STARTED.countDown();
          try {
            boolean unused = new CountDownLatch(1).await(60, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Hanging.INTERRUPTED.countDown();
            throw e;
          }
        };
    SparkGang gang = SparkGang.start(sc, "hanging", 2, 0, body);
    assertThat(Hanging.STARTED.await(20, TimeUnit.SECONDS)).isTrue();

    gang.cancel("the test says so");

    assertThat(Hanging.INTERRUPTED.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(gang.await(LONG)).isTrue();
    assertThat(gang.failure()).isPresent();
  }

  @Test
  void aTaskThatThrowsEndsTheGangWithItsMessage() throws InterruptedException {
    BarrierStage.Body body =
        rank -> {
          if (rank == 1) {
            throw new java.io.IOException("no more ink");
          }
        };
    SparkGang gang = SparkGang.start(sc, "throwing", 2, 0, body);

    assertThat(gang.await(LONG)).isTrue();
    assertThat(gang.failure().orElseThrow()).hasMessageContaining("no more ink");
  }
}
