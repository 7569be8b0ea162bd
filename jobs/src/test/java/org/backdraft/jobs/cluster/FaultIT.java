package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real cluster does to a run: every fault ends in time, in words, and leaves no process. */
final class FaultIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** 25 s until Spark gives an executor up, 10 s until its Worker kills it, and some more. */
  private static final Duration NOTICED = Duration.ofSeconds(50);

  /** A JVM on a machine that has more to do. */
  private static final Duration STARTED = Duration.ofSeconds(30);

  /** More processor time than an executor takes to start. */
  private static final Duration JVM_START = Duration.ofSeconds(8);

  @TempDir Path folder;

  @Test
  @Tag("cluster")
  void killedExecutorEndsTheRunInWords() throws Exception {
    faultInMidTraining("KILL");
  }

  @Test
  @Tag("full")
  void stoppedExecutorEndsTheRunInWords() throws Exception {
    faultInMidTraining("STOP");
  }

  @Test
  @Tag("full")
  void executorKilledWithItsShardEndsTheRunInWords() throws Exception {
    faultInMidTraining("KILL", "--set", "sync.strategy=parameter-server");
  }

  @Test
  @Tag("full")
  void executorStoppedWithItsShardEndsTheRunInWords() throws Exception {
    faultInMidTraining("STOP", "--set", "sync.strategy=parameter-server");
  }

  @Test
  @Tag("full")
  void executorKilledBesideShardsInTheDriverEndsTheRunInWords() throws Exception {
    faultInMidTraining(
        "KILL", "--set", "sync.strategy=parameter-server", "--set", "sync.placement=driver");
  }

  @Test
  @Tag("full")
  void workerThatNeverRegistersEndsTheRunInWords() throws Exception {
    Path out = folder.resolve("run");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
        Command run = cluster.submit(List.of(), longRun(out))) {
      await("an executor starts")
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> !cluster.executors().isEmpty());
      signal("STOP", cluster.executors().get(0));
      assertEndedInWords(run.await(LIMIT));
      assertNoExecutorIsLeft(cluster);
    }
  }

  @Test
  @Tag("cluster")
  void stoppedExecutorIsReplacedWhileDataIsRead() throws Exception {
    Path out = folder.resolve("run");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
        Command run = cluster.submit(List.of(), longRead(out))) {
      awaitReading(run, cluster);
      ProcessHandle stopped = cluster.executors().get(0);
      signal("STOP", stopped);
      await("the stopped executor is ended").atMost(NOTICED).until(() -> !stopped.isAlive());
      await("another executor starts in its place")
          .atMost(STARTED)
          .untilAsserted(() -> assertThat(cluster.executors()).as(run.errors()).hasSize(2));
      assertThat(run.isAlive()).as(run.errors()).isTrue();
      assertThat(out.resolve("metrics.jsonl")).as("steps, before all was read").isEmptyFile();
    }
  }

  /** So many digits that both executors paint for minutes. */
  private static List<String> longRead(Path out) {
    List<String> command = new ArrayList<>(Training.digits(out, 1));
    command.set(command.indexOf("--data") + 1, "digits:train=1000000,val=500");
    return command;
  }

  private static void awaitReading(Command run, StandaloneCluster cluster) {
    await("both executors read")
        .atMost(Duration.ofSeconds(90))
        .until(
            () -> {
              assertThat(run.isAlive()).as(run.errors()).isTrue();
              return cluster.executors().stream()
                      .filter(each -> cpuTime(each).compareTo(JVM_START) > 0)
                      .count()
                  == 2;
            });
  }

  private static Duration cpuTime(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private void faultInMidTraining(String signal, String... more) throws Exception {
    Path out = folder.resolve("run");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
        Command run = cluster.submit(List.of(), longRun(out, more))) {
      Training.awaitSteps(run, out, 20);
      signal(signal, cluster.executors().get(0));
      assertEndedInWords(run.await(LIMIT));
      assertNoExecutorIsLeft(cluster);
    }
  }

  /** Long enough that no fault comes too late, and not started again. */
  private static List<String> longRun(Path out, String... more) {
    List<String> command = new ArrayList<>(Training.digits(out, 10_000, more));
    command.addAll(List.of("--set", "train.restarts=0"));
    return command;
  }

  private static void assertEndedInWords(Command.Result result) {
    assertThat(result.exitCode()).as(result.stderr()).isEqualTo(6);
    assertThat(result.stderr()).containsPattern("rank \\d").contains("127.0.0.1").contains("step");
  }

  private static void assertNoExecutorIsLeft(StandaloneCluster cluster) {
    await("executors end")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(cluster.executors()).isEmpty());
  }

  private static void signal(String signal, ProcessHandle process) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + signal, "" + process.pid()).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }
}
