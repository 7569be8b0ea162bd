package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.backdraft.jobs.fault.AgentJar;
import org.backdraft.jobs.fault.FaultPoint;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * As {@link RecoveryIT}: faults that take longer to be noticed. How long a run may take to train
 * again is asserted here, in the tier for a machine that does nothing else.
 */
@Tag("full")
final class RecoveryFaultsIT {
  @TempDir static Path folder;

  private static RecoveryScenario clean;

  @BeforeAll
  static void trainUndisturbed() throws Exception {
    clean = RecoveryScenario.in(folder);
  }

  @Test
  void stoppedExecutorIsReplacedAndTheRunGoesOn() throws Exception {
    RecoveryScenario scenario = clean.elsewhere("stopped");
    JsonNode summary = scenario.signalled("STOP", Duration.ofSeconds(35));
    scenario.assertUndisturbed(summary);
    assertThat(summary.get("restarts").asInt()).isPositive();
  }

  @Test
  void killedExecutorIsReplacedInTwentySeconds() throws Exception {
    RecoveryScenario scenario = clean.elsewhere("killed");
    scenario.assertUndisturbed(scenario.signalled("KILL", Duration.ofSeconds(20)));
  }

  @Test
  void executorsThatEndAnywhereInAStepAreReplacedInTwentySeconds() throws Exception {
    Path jar = AgentJar.write(folder);
    try (StandaloneCluster cluster =
        new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1)) {
      for (FaultPoint point : FaultPoint.values()) {
        Path mark = folder.resolve(point.name());
        RecoveryScenario scenario = clean.elsewhere("run-" + point);
        String agent = AgentJar.option(jar, point, 50, mark);
        JsonNode summary = scenario.halted(cluster, agent, mark, Duration.ofSeconds(20));
        scenario.assertUndisturbed(summary);
        assertThat(summary.get("restarts").asInt()).as("restarts, %s", point).isEqualTo(1);
      }
    }
  }
}
