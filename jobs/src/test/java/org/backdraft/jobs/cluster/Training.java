package org.backdraft.jobs.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code train} commands of the process tests and what their run folders say. */
final class Training {
  static final Duration TIMEOUT = Duration.ofMinutes(5);

  private Training() {}

  /** LeNet on generated digits with an uneven last batch, cut into 16 leaves. */
  static List<String> digits(Path out, int epochs, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "train",
                "--model",
                "lenet5",
                "--data",
                "digits:train=2100,val=500",
                "--epochs",
                Integer.toString(epochs),
                "--seed",
                "1",
                "--set",
                "data.batch=256",
                "--set",
                "train.leaves=16",
                "--out",
                out.toString()));
    command.addAll(List.of(more));
    return command;
  }

  /** Runs {@code bin/backdraft} to its end and gives the run's summary.json. */
  static JsonNode local(Path logs, Map<String, String> environment, Path out, List<String> command)
      throws IOException, InterruptedException {
    return local(logs, environment, out, command, TIMEOUT);
  }

  /** Likewise with a time of its own. */
  static JsonNode local(
      Path logs, Map<String, String> environment, Path out, List<String> command, Duration timeout)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    words.add(Repository.backdraft().toString());
    words.addAll(command);
    try (Command run = Command.start(logs, environment, words)) {
      return summary(run.await(timeout), out);
    }
  }

  /** The summary of a run that must have ended well. */
  static JsonNode summary(Command.Result result, Path out) throws IOException {
    if (result.exitCode() != 0) {
      throw new AssertionError("Exit code " + result.exitCode() + ":\n" + result.stderr());
    }
    return new ObjectMapper().readTree(out.resolve("summary.json").toFile());
  }

  /** Waits until the run has written at least {@code steps} lines of metrics. */
  static void awaitSteps(Command run, Path out, int steps) throws Exception {
    Path metrics = out.resolve("metrics.jsonl");
    org.awaitility.Awaitility.await("training reaches step " + steps)
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              if (!run.isAlive()) {
                throw new AssertionError("The run ended early:\n" + run.errors());
              }
              return Files.exists(metrics) && Files.readAllLines(metrics).size() >= steps;
            });
  }
}
