package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Workers that take leases on a real cluster: one is lost, its next start goes on. */
final class LeaseScenario {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private LeaseScenario() {}

  /** Trains undisturbed. */
  static JsonNode train(Path folder, String consistency, String placement) throws Exception {
    Path out = folder.resolve("run");
    try (StandaloneCluster cluster = cluster(folder);
        Command run = cluster.submit(List.of(), words(out, 20, consistency, placement))) {
      return Training.summary(run.await(LIMIT), out);
    }
  }

  /** Trains while an executor is sent a signal. */
  static void loseAnExecutor(
      Path folder, int epochs, String signal, String consistency, String placement)
      throws Exception {
    Path out = folder.resolve("run");
    try (StandaloneCluster cluster = cluster(folder);
        Command run = cluster.submit(List.of(), words(out, epochs, consistency, placement))) {
      Training.awaitSteps(run, out, 20);
      signal(signal, cluster.executors().get(0));
      JsonNode summary = Training.summary(run.await(LIMIT), out);

      assertThat(summary.get("status").asText()).isEqualTo("completed");
      assertThat(summary.get("steps").asInt()).isEqualTo(epochs * 9);
      assertThat(summary.get("val_accuracy").asDouble()).isGreaterThan(0.9);
      assertThat(summary.get("sync").get("leases").asInt()).isEqualTo(epochs * 9 * 2);
      assertThat(summary.get("sync").get("reproducible").asBoolean()).isFalse();
      if (signal.equals("KILL")) { // one that stands still is replaced after half a minute only
        assertThat(summary.get("restarts").asInt()).isPositive();
      }
    }
  }

  /** Trains with two workers until the driver is killed, then goes on with so many. */
  static void loseTheDriver(
      Path folder, int epochs, String consistency, String placement, int workers) throws Exception {
    Path out = folder.resolve("run");
    List<String> words = new ArrayList<>(words(out, epochs, consistency, placement));
    words.addAll(List.of("--set", "checkpoint.every=4 steps"));
    try (StandaloneCluster cluster = cluster(folder)) {
      try (Command run = cluster.submit(List.of(), words)) {
        Training.awaitSteps(run, out, 30);
      } // kill -9
      cluster.awaitNoExecutors();
      assertThat(out.resolve("summary.json")).doesNotExist();
      List<String> resume =
          List.of("train", "--resume", out.toString(), "--workers", Integer.toString(workers));
      try (Command run = cluster.submit(List.of(), resume)) {
        JsonNode summary = Training.summary(run.await(LIMIT), out);

        assertThat(summary.get("status").asText()).isEqualTo("completed");
        assertThat(summary.get("steps").asInt()).isEqualTo(epochs * 9);
        assertThat(summary.get("val_accuracy").asDouble()).isGreaterThan(0.9);
        assertThat(summary.get("workers").asInt()).isEqualTo(workers);
        assertThat(Files.readAllLines(out.resolve("metrics.jsonl"))).hasSize(epochs * 10);
        // By single steps, in which both workers had a part; at least 24 of them were saved.
        assertThat(summary.get("sync").get("leases").asInt())
            .isBetween(1, workers * (epochs * 9 - 24));
      }
    }
  }

  private static StandaloneCluster cluster(Path folder) throws Exception {
    return new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
  }

  private static List<String> words(Path out, int epochs, String consistency, String placement) {
    return Training.digits(
        out,
        epochs,
        "--set",
        "sync.strategy=parameter-server",
        "--set",
        "sync.placement=" + placement,
        "--set",
        "sync.consistency=" + consistency);
  }

  private static void signal(String signal, ProcessHandle process) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + signal, "" + process.pid()).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }
}
