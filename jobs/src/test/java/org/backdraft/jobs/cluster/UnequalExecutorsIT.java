package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors of different sizes: the run says what it makes of them, and gives the same weights. */
@Tag("full")
final class UnequalExecutorsIT {
  @TempDir Path folder;

  @Test
  void theSmallerExecutorDecidesAndTheLogSaysSo() throws Exception {
    Path laptop = folder.resolve("laptop");
    JsonNode expected = Training.local(folder, Map.of(), laptop, Training.digits(laptop, 1));
    Path out = folder.resolve("run");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), List.of(1, 3));
        Command run = cluster.submit(List.of(), Training.digits(out, 1))) {
      Command.Result result = run.await(Training.TIMEOUT);
      JsonNode summary = Training.summary(result, out);
      assertThat(summary.get("workers").asInt()).isEqualTo(2);
      assertThat(summary.get("threads").asInt()).isEqualTo(1);
      assertThat(summary.get("weights_sha256")).isEqualTo(expected.get("weights_sha256"));
      assertThat(result.stderr())
          .contains("executors are of unequal size")
          .contains("cores=1")
          .contains("cores=3")
          .contains("each worker takes 1 cores")
          .contains("Two ranks may share one executor: 4 slots");
    }
  }
}
