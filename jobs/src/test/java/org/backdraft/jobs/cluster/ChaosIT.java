package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults at random, from {@code -Dtests.seed}, on a real cluster for {@code -Dtests.chaos-seconds}:
 * every run ends with the weights of one without faults.
 */
@Tag("full")
final class ChaosIT {
  private static final long SEED = Long.getLong("tests.seed", 20_261_127L);
  private static final Duration LENGTH =
      Duration.ofSeconds(Long.getLong("tests.chaos-seconds", 180L));
  private static final int EPOCHS = 150;

  @TempDir Path folder;

  @Test
  void runsEndAsIfNothingHadHappened() throws Exception {
    System.out.printf("Chaos for %s, seed %d.%n", LENGTH, SEED);
    Random random = new Random(SEED);
    RecoveryScenario clean = RecoveryScenario.in(folder, EPOCHS);
    long startNanos = System.nanoTime();
    int faults = 0;
    DriverWatch watch = new DriverWatch(folder);
    try (StandaloneCluster cluster =
        new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1)) {
      for (int run = 0; System.nanoTime() - startNanos < LENGTH.toNanos(); run++) {
        RecoveryScenario scenario = clean.elsewhere("run-" + run);
        try (ChaosRun chaos = new ChaosRun(cluster, scenario, random, watch)) {
          scenario.assertUndisturbed(chaos.toTheEnd());
          faults += chaos.faults();
        }
        cluster.awaitNoExecutors();
      }
    }
    System.out.printf("%d faults, no trace of them in the weights.%n", faults);
    assertThat(faults).isPositive();
  }
}
