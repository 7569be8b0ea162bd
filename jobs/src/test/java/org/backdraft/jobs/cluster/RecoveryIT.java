package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults of a real cluster that a run survives, with the weights of a run without them. */
@Tag("cluster")
final class RecoveryIT {
  @TempDir Path folder;

  @Test
  void killedExecutorThenKilledDriver() throws Exception {
    RecoveryScenario scenario = RecoveryScenario.in(folder);
    JsonNode summary = scenario.signalled("KILL", Duration.ofSeconds(60));
    scenario.assertUndisturbed(summary);
    assertThat(summary.get("restarts").asInt()).isEqualTo(1);

    RecoveryScenario another = scenario.elsewhere("run-2");
    try (Command run = another.locally()) {
      Training.awaitSteps(run, another.out(), 50);
    } // kill -9
    assertThat(another.out().resolve("summary.json")).doesNotExist();
    another.assertUndisturbed(
        Training.local(
            folder,
            Map.of(),
            another.out(),
            List.of("train", "--resume", another.out().toString(), "--workers", "2")));
  }
}
