package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemons of a standalone cluster are killed while a run trains. */
@Tag("full")
final class DaemonFaultsIT {
  /** 60 s of waiting for workers, and some more. */
  private static final Duration GIVEN_UP = Duration.ofMinutes(2);

  @TempDir static Path folder;

  private static RecoveryScenario clean;

  @BeforeAll
  static void trainUndisturbed() throws Exception {
    clean = RecoveryScenario.in(folder);
  }

  private static void kill(long pid) throws Exception {
    assertThat(Command.signal(pid, "KILL")).isTrue();
  }

  /** The daemon of the Worker that the first executor runs under. */
  private static String workerWithExecutor(StandaloneCluster cluster, int workers)
      throws Exception {
    for (int i = 1; i <= workers; i++) {
      if (ProcessHandle.of(cluster.pid("worker-" + i)).orElseThrow().children().count() > 0) {
        return "worker-" + i;
      }
    }
    throw new AssertionError("No Worker has an executor.");
  }

  @Test
  void theExecutorOfAKilledWorkerEndsAndTheRunGoesOnElsewhere() throws Exception {
    RecoveryScenario scenario = clean.elsewhere("elsewhere");
    List<String> two = new ArrayList<>(scenario.command());
    two.addAll(List.of("--workers", "2"));
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 3, 1);
        Command run = cluster.submit(List.of("--conf", "spark.cores.max=2"), two)) {
      Training.awaitSteps(run, scenario.out(), 50);
      String worker = workerWithExecutor(cluster, 3);
      ProcessHandle executor =
          ProcessHandle.of(cluster.pid(worker)).orElseThrow().children().findFirst().orElseThrow();
      kill(cluster.pid(worker));
      RecoveryScenario.awaitTrainingAgain(run, "a killed Worker", Duration.ofSeconds(35));
      assertThat(executor.isAlive()).as("the executor of the killed Worker").isFalse();
      scenario.assertUndisturbed(Training.summary(run.await(Training.TIMEOUT), scenario.out()));
    }
  }

  @Test
  void withoutAnotherWorkerTheRunEndsInWordsAndCanBeResumed() throws Exception {
    RecoveryScenario scenario = clean.elsewhere("given-up");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
        Command run = cluster.submit(List.of(), scenario.command())) {
      Training.awaitSteps(run, scenario.out(), 50);
      kill(cluster.pid("worker-1"));
      Command.Result result = run.await(GIVEN_UP);
      assertThat(result.exitCode()).as(result.stderr()).isEqualTo(6);
      assertThat(result.stderr()).contains("there are slots for 1");
    }
    JsonNode resumed =
        Training.local(
            folder,
            Map.of(),
            scenario.out(),
            List.of("train", "--resume", scenario.out().toString(), "--workers", "1"));
    scenario.assertUndisturbed(resumed);
  }

  @Test
  void aRunGoesOnWithoutItsMaster() throws Exception {
    RecoveryScenario scenario = clean.elsewhere("without-master");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
        Command run = cluster.submit(List.of(), scenario.command())) {
      Training.awaitSteps(run, scenario.out(), 30);
      kill(cluster.pid("master"));
      await("the loss is told")
          .atMost(Duration.ofSeconds(30))
          .until(() -> run.errors().contains("Disconnected from Spark cluster"));
      JsonNode summary = Training.summary(run.await(Training.TIMEOUT), scenario.out());
      scenario.assertUndisturbed(summary);
      assertThat(summary.get("restarts").asInt()).isZero();
    }
  }
}
