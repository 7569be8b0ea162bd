package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As {@link RecoveryIT}: faults that take longer to be noticed. */
@Tag("full")
final class RecoveryFaultsIT {
  @TempDir Path folder;

  @Test
  void stoppedExecutorIsReplacedAndTheRunGoesOn() throws Exception {
    RecoveryScenario scenario = RecoveryScenario.in(folder);
    JsonNode summary = scenario.signalled("STOP", Duration.ofSeconds(60));
    scenario.assertUndisturbed(summary);
    assertThat(summary.get("restarts").asInt()).isPositive();
  }
}
