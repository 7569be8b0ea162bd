package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C and {@code kill} of a driver in a JVM of its own, and the command that it tells. */
final class StopIT {
  private static final Duration SOON = Duration.ofSeconds(40);

  @TempDir static Path folder;

  private static RecoveryScenario clean;

  @BeforeAll
  static void trainUndisturbed() throws Exception {
    clean = RecoveryScenario.in(folder);
  }

  @Test
  @Tag("cluster")
  void aRunThatIsToldToStopGoesOnByTheCommandThatItTells() throws Exception {
    RecoveryScenario scenario = clean.elsewhere("told");
    Command.Result stopped;
    try (Command run = scenario.locally()) {
      Training.awaitSteps(run, scenario.out(), 50);
      run.signal("TERM");
      stopped = run.await(SOON);
    }
    assertStopped(stopped, scenario.out());
    scenario.assertUndisturbed(goOn(stopped, scenario.out()));
  }

  @Test
  @Tag("cluster")
  void aSubmittedDriverStopsItsExecutorsToo() throws Exception {
    RecoveryScenario scenario = clean.elsewhere("submitted");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
        Command run = cluster.submit(List.of(), scenario.command())) {
      Training.awaitSteps(run, scenario.out(), 50);
      // Not INT: shells have what they run in the background ignore that one.
      run.signal("TERM");
      Command.Result stopped = run.await(SOON);
      assertStopped(stopped, scenario.out());
      assertThat(stopped.stderr())
          .contains("next   spark-submit [its options as before] backdraft.jar train --resume ");
      org.awaitility.Awaitility.await("executors end")
          .atMost(Duration.ofSeconds(20))
          .until(() -> cluster.executors().isEmpty());
    }
    scenario.assertUndisturbed(
        Training.local(
            folder,
            Map.of(),
            scenario.out(),
            List.of("train", "--resume", scenario.out().toString())));
  }

  @Test
  @Tag("cluster")
  void aSecondSignalEndsItAtOnce() throws Exception {
    RecoveryScenario scenario = clean.elsewhere("ended-at-once");
    try (Command run = scenario.locally()) {
      Training.awaitSteps(run, scenario.out(), 20);
      run.signal("INT");
      run.signal("TERM");
      Command.Result ended = run.await(Duration.ofSeconds(15));
      assertThat(ended.exitCode()).isEqualTo(130);
    }
  }

  private static void assertStopped(Command.Result stopped, Path out) throws Exception {
    assertThat(stopped.exitCode()).as(stopped.stderr()).isEqualTo(130);
    assertThat(stopped.stderr())
        .contains("stop   told to stop")
        .contains("The run was told to stop and did, after step ")
        .contains("where it is saved.")
        .doesNotContain("Exception");
    JsonNode summary = new ObjectMapper().readTree(out.resolve("summary.json").toFile());
    assertThat(summary.get("status").asText()).isEqualTo("interrupted");
  }

  /** Has a shell run the command that was told. */
  private JsonNode goOn(Command.Result stopped, Path out) throws Exception {
    String next =
        stopped
            .stderr()
            .lines()
            .filter(line -> line.startsWith("next   "))
            .findFirst()
            .orElseThrow()
            .substring("next   ".length());
    List<String> words = new ArrayList<>(List.of("bash", "-c", next));
    try (Command run = Command.start(folder, Map.of(), words)) {
      return Training.summary(run.await(Training.TIMEOUT), out);
    }
  }
}
