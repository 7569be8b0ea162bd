package org.backdraft.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.backdraft.driver.SyncConfig;
import org.backdraft.driver.TrainingConfig;
import org.backdraft.driver.TrainingListener.Epoch;
import org.backdraft.driver.TrainingListener.Step;
import org.junit.jupiter.api.Test;

final class RunSummaryTest {
  @Test
  void failedRunKeepsWhatItReachedAndSaysWhy() {
    RunSummary summary = new RunSummary("quickstart");
    summary.onStep(new Step(0, 0, 1, 0.1, 1));
    summary.onEpoch(new Epoch(0, 0, 1, 0.5, 0.1, 1, 0.5, 0.75, 1));
    summary.onEpoch(new Epoch(1, 1, 1, 0.5, 0.1, 1, 0.5, 0.5, 1));
    summary.onStep(new Step(2, 2, 1, 0.1, 1));
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
    SyncConfig compressed =
        new SyncConfig(exact.strategy(), 10, 60, "topk:0.01", 1, exact.averageOptimizer());
    SyncConfig averaged = new SyncConfig(exact.strategy(), 10, 60, "none", 8, true);
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
}
