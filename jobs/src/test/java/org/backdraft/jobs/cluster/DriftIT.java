package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that drift apart learn MNIST as well as those that wait for each other. */
@Tag("full")
final class DriftIT {
  private static final Duration LIMIT = Duration.ofMinutes(10);

  @TempDir Path folder;

  @BeforeEach
  void needsMnist() {
    assumeTrue(
        Repository.mnist().isPresent(),
        "no mnist/ folder; give its parent by -Dbackdraft.data.dir");
  }

  @Test
  void driftingWorkersLoseNoAccuracy() throws Exception {
    double together = accuracy("bsp");
    assertThat(accuracy("ssp:3")).isCloseTo(together, within(0.003));
    assertThat(accuracy("async")).isCloseTo(together, within(0.003));
  }

  private double accuracy(String consistency) throws Exception {
    Path out = folder.resolve(consistency.replace(':', '-'));
    List<String> command =
        List.of(
            "train",
            "--model",
            "lenet5",
            "--data",
            "idx:" + Repository.mnist().orElseThrow(),
            "--epochs",
            "4",
            "--seed",
            "1",
            "--workers",
            "2",
            "--threads",
            "1",
            "--master",
            "local[2,4]",
            "--set",
            "sync.strategy=parameter-server",
            "--set",
            "sync.consistency=" + consistency,
            "--out",
            out.toString());
    return Training.local(folder, Map.of(), out, command, LIMIT).get("val_accuracy").asDouble();
  }
}
