package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases on a real cluster; see {@link LeaseScenario}. {@link LeaseFaultsIT} has more. */
final class LeaseIT {
  @TempDir Path folder;

  @Test
  @Tag("cluster")
  void aKilledExecutorIsReplacedWhileTheOtherGoesOn() throws Exception {
    LeaseScenario.loseAnExecutor(folder, 200, "KILL", "ssp:2", "executors");
  }

  @Test
  @Tag("full")
  void anUndisturbedRunRestartsNobody() throws Exception {
    JsonNode summary = LeaseScenario.train(folder, "async", "driver");
    assertThat(summary.get("restarts").asInt()).isZero();
    assertThat(summary.get("sync").get("placement").asText()).isEqualTo("driver");
    assertThat(summary.get("sync").get("leases_redone").asInt()).isZero();
  }
}
