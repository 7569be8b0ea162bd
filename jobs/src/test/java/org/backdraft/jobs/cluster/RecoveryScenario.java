package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A run that is disturbed, and the same one undisturbed. */
final class RecoveryScenario {
  private static final int EPOCHS = 15;

  private final Path folder;
  private final Path out;
  private final int epochs;
  private final String clean;

  private RecoveryScenario(Path folder, Path out, int epochs, String clean) {
    this.folder = folder;
    this.out = out;
    this.epochs = epochs;
    this.clean = clean;
  }

  /** Trains undisturbed on this machine. */
  static RecoveryScenario in(Path folder) throws Exception {
    return in(folder, EPOCHS);
  }

  /** As above, for some epochs. */
  static RecoveryScenario in(Path folder, int epochs) throws Exception {
    Path undisturbed = folder.resolve("clean");
    List<String> command = command(undisturbed, epochs);
    String clean = hash(Training.local(folder, Map.of(), undisturbed, command));
    return new RecoveryScenario(folder, folder.resolve("run"), epochs, clean);
  }

  /** The same in another folder of this name. */
  RecoveryScenario elsewhere(String name) {
    return new RecoveryScenario(folder, folder.resolve(name), epochs, clean);
  }

  Path out() {
    return out;
  }

  /** The run that is to be disturbed. */
  List<String> command() {
    return command(out, epochs);
  }

  /** Starts it on this machine. */
  Command locally() throws Exception {
    List<String> words = new ArrayList<>(command());
    words.add(0, Repository.backdraft().toString());
    return Command.start(folder, Map.of(), words);
  }

  private static List<String> command(Path out, int epochs) {
    return Training.digits(
        out,
        epochs,
        "--set",
        "checkpoint.every=20 steps, 1 epochs",
        "--set",
        "checkpoint.keep=2",
        "--set",
        "train.restarts=100");
  }

  /**
   * Sends one of two executors a signal in mid training; gives the summary of the whole run.
   *
   * @param limit of the time until workers train again
   */
  JsonNode signalled(String signal, Duration limit) throws Exception {
    try (StandaloneCluster cluster =
        new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1)) {
      return signalled(cluster, signal, limit);
    }
  }

  /** As above, on a cluster of two executors. */
  JsonNode signalled(StandaloneCluster cluster, String signal, Duration limit) throws Exception {
    try (Command run = cluster.submit(List.of(), command())) {
      Training.awaitSteps(run, out, 50);
      ProcessHandle executor = cluster.executors().get(0);
      assertThat(Command.signal(executor.pid(), signal)).isTrue();
      awaitTrainingAgain(run, "SIG" + signal, limit);
      return Training.summary(run.await(Training.TIMEOUT), out);
    }
  }

  /**
   * Has one of two executors end in the middle of a step.
   *
   * @param agent that does it, as a JVM option
   * @param mark that the agent creates when it does
   */
  JsonNode halted(StandaloneCluster cluster, String agent, Path mark, Duration limit)
      throws Exception {
    List<String> options = List.of("--conf", "spark.executor.extraJavaOptions=" + agent);
    try (Command run = cluster.submit(options, command())) {
      Awaitility.await("the fault strikes")
          .atMost(Duration.ofSeconds(90))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> Files.exists(mark) || !run.isAlive());
      awaitTrainingAgain(run, mark.getFileName().toString(), limit);
      return Training.summary(run.await(Training.TIMEOUT), out);
    }
  }

  static void awaitTrainingAgain(Command run, String fault, Duration limit) {
    long struckNanos = System.nanoTime();
    Awaitility.await("workers train again after " + fault)
        .atMost(limit)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> run.errors().contains("Workers train again"));
    System.out.printf(
        "%s: workers train again after %d ms.%n",
        fault, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - struckNanos));
  }

  /** That the run has ended as if nothing had happened. */
  void assertUndisturbed(JsonNode summary) throws Exception {
    assertThat(hash(summary)).isEqualTo(clean);
    // Nine steps an epoch, and a line for the epoch.
    assertThat(Files.readAllLines(out.resolve("metrics.jsonl"))).hasSize(epochs * 10);
  }

  private static String hash(JsonNode summary) {
    return summary.get("weights_sha256").asText();
  }
}
