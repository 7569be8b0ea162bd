package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real cluster does to a run: every fault ends in time, in words, and leaves no process. */
@Tag("cluster")
final class FaultIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void killedExecutorEndsTheRunInWords() throws Exception {
    faultInMidTraining("KILL");
  }

  @Test
  void stoppedExecutorEndsTheRunInWords() throws Exception {
    faultInMidTraining("STOP");
  }

  @Test
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

  private void faultInMidTraining(String signal) throws Exception {
    Path out = folder.resolve("run");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
        Command run = cluster.submit(List.of(), longRun(out))) {
      Training.awaitSteps(run, out, 20);
      signal(signal, cluster.executors().get(0));
      assertEndedInWords(run.await(LIMIT));
      assertNoExecutorIsLeft(cluster);
    }
  }

  /** Long enough that no fault comes too late. */
  private static List<String> longRun(Path out) {
    return Training.digits(out, 10_000);
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
