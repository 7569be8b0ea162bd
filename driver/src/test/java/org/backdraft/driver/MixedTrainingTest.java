package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs whose training examples are mixed. */
@Timeout(60)
class MixedTrainingTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  private static TrainingConfig mixed(int workers, double mixup, double cutmix) {
    return Configs.with(
        TestConfigs.small(workers, 1, 2, 0.05f),
        "data.mix.mixup",
        mixup,
        "data.mix.cutmix",
        cutmix,
        "loss.label-smoothing",
        0.1);
  }

  private static TrainingReport train(TrainingConfig config, ThreadCluster.Body body)
      throws IOException {
    return new TrainingJob(config, TestNets::normalized, ThreadCluster.provider(body), SILENT)
        .run();
  }

  private static String weights(TrainingConfig config) throws IOException {
    return train(config, ThreadCluster.WORKER).weightsSha256();
  }

  @ParameterizedTest
  @CsvSource({"0.4, 0", "0, 1", "0.4, 1"})
  void weightsAreTheSameForAnyWorkersPiecesAndAfterARestart(double mixup, double cutmix)
      throws IOException {
    String one = weights(mixed(1, mixup, cutmix));
    assertThat(weights(mixed(3, mixup, cutmix))).isEqualTo(one);
    assertThat(weights(TestConfigs.accumulating(mixed(2, mixup, cutmix), 4))).isEqualTo(one);
    TrainingReport restarted =
        train(TestConfigs.recovering(mixed(2, mixup, cutmix), "3 steps", 1), new FailingRank(1, 9));
    assertThat(restarted.sync().restarts()).isEqualTo(1);
    assertThat(restarted.weightsSha256()).isEqualTo(one);
    assertThat(weights(mixed(1, 0, 0))).isNotEqualTo(one);
  }

  @Test
  void leasesAreMixedToo() throws IOException {
    TrainingConfig config =
        TestConfigs.leased(Configs.with(mixed(2, 0.2, 0), "train.epochs", 4), "ssp:1");
    TrainingReport report =
        new TrainingJob(
                config, TestNets::plain, ThreadCluster.restarting(RestartingThreads.WORKER), SILENT)
            .run();
    assertThat(report.validationAccuracy()).isGreaterThan(0.8);
  }

  @Test
  void leavesOfOneExampleAreRefused() {
    assertThatThrownBy(() -> Configs.with(mixed(1, 1, 0), "train.leaves", 32))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("data.batch is 32 and there are 32 leaves. Set train.leaves=16");
    assertThatThrownBy(() -> mixed(1, -1, 0))
        .hasMessageContaining("data.mix.mixup")
        .hasMessageContaining("-1.0");
  }
}
