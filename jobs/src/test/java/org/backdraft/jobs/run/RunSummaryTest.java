package org.backdraft.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.probe.ProbeResult;
import org.backdraft.driver.RankTimes;
import org.backdraft.driver.TrainingListener.Agreement;
import org.backdraft.driver.TrainingListener.Epoch;
import org.backdraft.driver.TrainingListener.Step;
import org.backdraft.driver.config.SyncConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.junit.jupiter.api.Test;

final class RunSummaryTest {
  private static final RankTimes TIMES =
      new RankTimes(new double[1], new double[1], new double[1], new double[1], new double[1]);

  @Test
  void failedRunKeepsWhatItReachedAndSaysWhy() {
    RunSummary summary = new RunSummary("quickstart");
    summary.onStep(new Step(0, 0, 1, 0.1, 1, TIMES));
    summary.onEpoch(new Epoch(0, 0, 1, 0.5, 0.1, 1, 0.5, 0.75, 1));
    summary.onEpoch(new Epoch(1, 1, 1, 0.5, 0.1, 1, 0.5, 0.5, 1));
    summary.onStep(new Step(2, 2, 1, 0.1, 1, TIMES));
    Map<String, Object> values = summary.failed("diverged", "the loss is not finite");
    assertThat(values)
        .containsEntry("status", "diverged")
        .containsEntry("error", "the loss is not finite")
        .containsEntry("epochs", 2)
        .containsEntry("steps", 3L)
        .containsEntry("val_accuracy", 0.5)
        .containsEntry("best_val_accuracy", 0.75)
        .containsEntry("weights_sha256", null);
  }

  @Test
  void whatAProbeMeasuredIsKept() {
    List<ProbeResult.LinkSpeed> links = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      links.add(new ProbeResult.LinkSpeed(i, i + 1, 1e9 - i, 5e-6));
    }
    ProbeResult probe =
        new ProbeResult(
            AllReduceAlgorithm.DIRECT_RING,
            "1.2 ms a step, 30% less than direct",
            1000,
            16,
            List.of(new ProbeResult.AlgorithmTime(AllReduceAlgorithm.DIRECT_RING, 0.0012, 0.00003)),
            List.of(2e9),
            links,
            0.5);
    RunSummary summary = new RunSummary("quickstart").agreeing(TrainingConfig.defaults().sync());
    summary.onAgreement(new Agreement(probe.chosen(), probe.reason(), Optional.of(probe), true));

    JsonNode sync = new ObjectMapper().valueToTree(summary.failed("failed", "why").get("sync"));

    assertThat(sync.get("algorithm").asText()).isEqualTo("direct-ring");
    assertThat(sync.get("reason").asText()).contains("30% less");
    assertThat(sync.get("encrypted").asBoolean()).isTrue();
    JsonNode measured = sync.get("probe");
    assertThat(measured.get("timings").get(0).get("long_ms").asText()).isEqualTo("1.2");
    assertThat(measured.get("timings").get(0).get("short_us").asText()).isEqualTo("30.0");
    assertThat(measured.get("links_measured").asInt()).isEqualTo(100);
    assertThat(measured.get("links")).hasSize(64);
    assertThat(measured.get("links").get(0).get("from").asInt()).as("the slowest").isEqualTo(99);
    assertThat(measured.get("adder_bytes_per_second").get(0).asLong()).isEqualTo(2_000_000_000L);
  }

  @Test
  void firstEndIsTheOneThatCounts() {
    RunSummary summary = new RunSummary("quickstart");
    summary.failed("interrupted", "a signal");
    assertThat(summary.failed("failed", "what the signal caused"))
        .containsEntry("status", "interrupted")
        .containsEntry("error", "a signal");
  }

  @Test
  void saysWhatTheBitsDependOn() {
    SyncConfig exact = TrainingConfig.defaults().sync();
    assertThat(sync(exact))
        .containsEntry("compression", "none")
        .containsEntry("average_every", 1)
        .containsEntry("exact", true)
        .containsEntry("reproducible", true)
        .doesNotContainKeys("placement", "leases");
    assertThat(sync(saving(exact, "topk:0.01", 1)))
        .containsEntry("compression", "topk:0.01")
        .containsEntry("exact", false)
        .containsEntry("reproducible", true);
    assertThat(sync(saving(exact, "none", 8)))
        .containsEntry("average_every", 8)
        .containsEntry("exact", false);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> sync(SyncConfig config) {
    RunSummary summary = new RunSummary("a").agreeing(config);
    summary.onAgreement(new Agreement(AllReduceAlgorithm.DIRECT, "any", Optional.empty(), false));
    return (Map<String, Object>) summary.failed("failed", "").get("sync");
  }

  private static SyncConfig saving(SyncConfig d, String compression, int averageEvery) {
    return new SyncConfig(
        d.strategy(),
        d.consistency(),
        d.placement(),
        d.shards(),
        d.algorithm(),
        d.order(),
        d.probe(),
        d.bucketBytes(),
        d.connections(),
        compression,
        averageEvery,
        averageEvery > 1,
        d.tls(),
        d.timeoutSeconds(),
        d.stepTimeoutSeconds(),
        d.leases());
  }
}
