package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of steps in small heaps: what a step leaves behind would fill them. */
@Tag("full")
final class SoakIT {
  private static final int EPOCHS = 400;
  private static final int STEPS_PER_EPOCH = 9;
  private static final Duration LIMIT = Duration.ofMinutes(20);

  @TempDir Path folder;

  @Test
  void aLongRunEndsWithOneHashOnLaptopAndCluster() throws Exception {
    Path laptop = folder.resolve("laptop");
    List<String> words = new ArrayList<>(List.of(Repository.backdraft().toString()));
    words.addAll(Training.digits(laptop, EPOCHS, "--workers", "4", "--threads", "1"));
    Map<String, String> smallHeap = Map.of("BACKDRAFT_JAVA_OPTS", "-Xmx560m");
    String expected;
    try (Command run = Command.start(folder, smallHeap, words)) {
      expected = hash(run.await(LIMIT), laptop);
    }
    Path out = folder.resolve("cluster");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
        Command run =
            cluster.submit(List.of("--executor-memory", "560m"), Training.digits(out, EPOCHS))) {
      assertThat(hash(run.await(LIMIT), out)).isEqualTo(expected);
    }
  }

  private static String hash(Command.Result result, Path out) throws Exception {
    String hash = Training.summary(result, out).get("weights_sha256").asText();
    long steps;
    try (var lines = Files.lines(out.resolve("metrics.jsonl"))) {
      steps = lines.filter(line -> line.contains("\"examples_per_second\"")).count();
    }
    assertThat(steps).isGreaterThanOrEqualTo((long) EPOCHS * STEPS_PER_EPOCH);
    return hash;
  }
}
