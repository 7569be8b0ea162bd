package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that do not see the run's folder: it is the driver's alone, checkpoints included. */
@Tag("full")
final class HiddenFolderIT {
  @TempDir Path folder;

  @Test
  void aKilledExecutorChangesNoBitWhereWorkersDoNotSeeTheRunsFolder() throws Exception {
    RootCommands.assumeMounting();
    Path runs = Files.createDirectory(folder.resolve("runs"));
    RecoveryScenario scenario = RecoveryScenario.in(folder).elsewhere("runs/hidden");
    try (StandaloneCluster cluster = StandaloneCluster.blindTo(runs, folder.resolve("state"))) {
      assertThat(entriesSeenBy(cluster.pid("worker-1"), runs)).as("before the run").isZero();
      JsonNode summary = scenario.signalled(cluster, "KILL", Duration.ofSeconds(60));
      scenario.assertUndisturbed(summary);
      assertThat(summary.get("restarts").asInt()).isEqualTo(1);
      assertThat(entriesSeenBy(cluster.pid("worker-1"), runs)).as("after the run").isZero();
      assertThat(scenario.out().resolve("checkpoints")).isNotEmptyDirectory();
    }
  }

  private static long entriesSeenBy(long pid, Path seen) throws Exception {
    Path root = Path.of("/proc", Long.toString(pid), "root");
    try (Stream<Path> entries = Files.list(root.resolve(Path.of("/").relativize(seen)))) {
      return entries.count();
    }
  }
}
