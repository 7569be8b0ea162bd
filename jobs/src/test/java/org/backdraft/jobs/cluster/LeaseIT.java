package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Leases on a real cluster; see {@link LeaseScenario}. {@link LeaseFaultsIT} has more. */
@Tag("cluster")
final class LeaseIT {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"async, driver", "ssp:2, executors"})
  void aKilledExecutorIsReplacedWhileTheOtherGoesOn(String consistency, String placement)
      throws Exception {
    LeaseScenario.loseAnExecutor(folder, 200, "KILL", consistency, placement);
  }

  @Test
  void anUndisturbedRunRestartsNobody() throws Exception {
    JsonNode summary = LeaseScenario.train(folder, "async", "driver");
    assertThat(summary.get("restarts").asInt()).isZero();
    assertThat(summary.get("sync").get("placement").asText()).isEqualTo("driver");
    assertThat(summary.get("sync").get("leases_redone").asInt()).isZero();
  }
}
