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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers that take leases on a real cluster: one is lost, its next start goes on. */
@Tag("cluster")
final class LeaseIT {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int EPOCHS = 200;

  @TempDir Path folder;

  private static List<String> leased(Path out, String consistency, String placement) {
    return Training.digits(
        out,
        EPOCHS,
        "--set",
        "sync.strategy=parameter-server",
        "--set",
        "sync.placement=" + placement,
        "--set",
        "sync.consistency=" + consistency);
  }

  @ParameterizedTest
  @CsvSource({
    "KILL, async, driver",
    "KILL, ssp:2, driver",
    "STOP, async, driver",
    "KILL, async, executors",
    "STOP, ssp:2, executors"
  })
  void aLostExecutorIsReplacedWhileTheOtherGoesOn(
      String signal, String consistency, String placement) throws Exception {
    Path out = folder.resolve("run");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
        Command run = cluster.submit(List.of(), leased(out, consistency, placement))) {
      Training.awaitSteps(run, out, 20);
      signal(signal, cluster.executors().get(0));
      JsonNode summary = Training.summary(run.await(LIMIT), out);

      assertThat(summary.get("status").asText()).isEqualTo("completed");
      assertThat(summary.get("steps").asInt()).isEqualTo(EPOCHS * 9);
      assertThat(summary.get("val_accuracy").asDouble()).isGreaterThan(0.9);
      assertThat(summary.get("sync").get("leases").asInt()).isEqualTo(EPOCHS * 9 * 2);
      assertThat(summary.get("sync").get("reproducible").asBoolean()).isFalse();
      if (signal.equals("KILL")) { // one that stands still is replaced after half a minute only
        assertThat(summary.get("restarts").asInt()).isPositive();
      }
    }
  }

  @Test
  void anUndisturbedRunRestartsNobody() throws Exception {
    Path out = folder.resolve("run");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
        Command run = cluster.submit(List.of(), leased(out, "async", "driver"))) {
      Command.Result result = run.await(LIMIT);

      JsonNode summary = Training.summary(result, out);
      assertThat(summary.get("restarts").asInt()).isZero();
      assertThat(summary.get("sync").get("placement").asText()).isEqualTo("driver");
      assertThat(summary.get("sync").get("leases_redone").asInt()).isZero();
    }
  }

  private static void signal(String signal, ProcessHandle process) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + signal, "" + process.pid()).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }
}
