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
import org.backdraft.driver.SyncConfig;
import org.backdraft.driver.TrainingConfig;
import org.backdraft.driver.TrainingListener.Agreement;
import org.backdraft.driver.TrainingListener.Epoch;
import org.backdraft.driver.TrainingListener.Step;
import org.junit.jupiter.api.Test;

final class RunSummaryTest {
  private static final RankTimes TIMES =
      new RankTimes(new double[1], new double[1], new double[1], new double[1]);

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
    RunSummary summary = new RunSummary("quickstart");
    summary.onAgreement(
        new Agreement("allreduce", probe.chosen(), probe.reason(), Optional.of(probe), true));

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
  void theFastOrderIsSaidToDependOnTheWorkers() {
    RunSummary summary = new RunSummary("quickstart");
    summary.onAgreement(
        new Agreement(
            "allreduce", AllReduceAlgorithm.RING, "sync.order=fast", Optional.empty(), false));
    JsonNode sync = new ObjectMapper().valueToTree(summary.failed("failed", "why").get("sync"));
    assertThat(sync.get("exact").asBoolean()).isFalse();
    assertThat(sync.get("bits").asText()).isEqualTo("depend on the number of workers");
    assertThat(sync.has("probe")).isFalse();
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
  void saysWhetherTheNumberOfWorkersDecidesTheBits() {
    SyncConfig exact = TrainingConfig.defaults().sync();
    SyncConfig compressed = saving(exact, "topk:0.01", 1);
    SyncConfig averaged = saving(exact, "none", 8);
    assertThat(new RunSummary("a").agreeing(exact).failed("failed", ""))
        .containsEntry("compression", "none")
        .containsEntry("average_every", 1)
        .containsEntry("depends_on_workers", false);
    assertThat(new RunSummary("a").agreeing(compressed).failed("failed", ""))
        .containsEntry("compression", "topk:0.01")
        .containsEntry("depends_on_workers", true);
    assertThat(new RunSummary("a").agreeing(averaged).failed("failed", ""))
        .containsEntry("average_every", 8)
        .containsEntry("depends_on_workers", true);
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
        compression,
        averageEvery,
        averageEvery > 1,
        d.tls(),
        d.timeoutSeconds(),
        d.stepTimeoutSeconds(),
        d.leases());
  }
}
