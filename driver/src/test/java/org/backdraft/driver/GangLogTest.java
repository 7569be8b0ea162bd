package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a run that has come together says about its ranks; the ranks are real and so is the gang.
 */
@Timeout(60)
class GangLogTest {
  private static List<String> logged(int workersPerJvm) throws IOException {
    Cluster.Provider clusters =
        ThreadCluster.provider(
            request -> new ThreadCluster(request, ThreadCluster.WORKER, workersPerJvm));
    try (CapturedLog log = new CapturedLog(GangLog.class)) {
      TrainingReport report =
          new TrainingJob(
                  TestConfigs.small(2, 1), TestNets::plain, clusters, new TrainingListener() {})
              .run();
      assertThat(report.workers()).isEqualTo(2);
      return log.lines();
    }
  }

  @Test
  void ranksThatShareAnExecutorAgainstThePlanAreNamed() throws IOException {
    assertThat(logged(1))
        .anyMatch(line -> line.startsWith("INFO Rank 0 runs in executor thread-0 on 127.0.0.1"))
        .anyMatch(line -> line.startsWith("INFO Rank 1 runs in executor thread-1 on 127.0.0.1"))
        .anyMatch(
            line ->
                line.startsWith("WARN Ranks 0 and 1 share executor thread-1 on 127.0.0.1")
                    && line.contains("its heap"));
  }

  @Test
  void ranksThatShareAJvmByPlanAreNoCauseForWarnings() throws IOException {
    assertThat(logged(2)).isNotEmpty().noneMatch(line -> line.contains("share executor"));
  }
}
