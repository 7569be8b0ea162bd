package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How executors, each a JVM of its own, agree: measured, timed, encrypted. */
final class SynchronizationIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @Test
  @Tag("cluster")
  void executorsMeasureEncryptAndTellWhereTheirTimeGoes() throws Exception {
    Path alone = folder.resolve("alone");
    JsonNode expected =
        Training.local(folder, Map.of(), alone, Training.digits(alone, 1, "--workers", "1"));
    Path out = folder.resolve("cluster-run");
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1);
        Command run =
            cluster.submit(List.of(), Training.digits(out, 1, "--set", "sync.tls=true"))) {
      Command.Result result = run.await(Training.TIMEOUT);
      JsonNode summary = Training.summary(result, out);

      assertThat(summary.get("weights_sha256")).isEqualTo(expected.get("weights_sha256"));
      JsonNode sync = summary.get("sync");
      assertThat(sync.get("encrypted").asBoolean()).isTrue();
      assertThat(sync.get("exact").asBoolean()).isTrue();
      assertThat(sync.get("probe").get("timings")).hasSize(4);
      assertThat(sync.get("probe").get("links")).hasSize(2);
      assertThat(sync.get("probe").get("seconds").asDouble()).isLessThan(10);
      assertThat(result.stderr())
          .contains("encrypted by TLS 1.3 (sync.tls=true)")
          .contains("Set spark.ssl.rpc.enabled")
          .contains("workers sum by " + sync.get("algorithm").asText());
      assertThat(summary.get("times").get("communication_seconds").get(1).asDouble()).isPositive();
    }
    for (String line : Files.readAllLines(out.resolve("metrics.jsonl"))) {
      JsonNode step = JSON.readTree(line);
      if (!step.has("val_loss")) {
        for (String part : List.of("compute", "communication", "waiting", "data")) {
          assertThat(step.get(part + "_ms")).hasSize(2).noneMatch(JsonNode::isNull);
        }
      }
    }
  }
}
