package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.backdraft.driver.config.DataConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code data.batch=all}: one step an epoch, over all examples, in pieces that memory can hold. */
@Timeout(60)
class FullBatchTest {
  private static final TrainingListener SILENT = new TrainingListener() {};
  private static final int EXAMPLES = 1203;

  private static TrainingConfig full(int workers, int threads) {
    return TestConfigs.on(
        "patterned:" + EXAMPLES,
        Configs.with(
            TestConfigs.small(workers, threads, 3, 0.05f),
            "data.batch",
            DataConfig.ALL,
            "train.leaves",
            32));
  }

  private static TrainingReport train(TrainingConfig config) throws IOException {
    return new TrainingJob(
            config, TestNets::wide, ThreadCluster.provider(ThreadCluster.WORKER), SILENT)
        .run();
  }

  @Test
  void itIsTheBatchOfAllExamples() throws IOException {
    TrainingReport all = train(full(1, 1));
    TrainingReport given = train(Configs.with(full(1, 1), "data.batch", EXAMPLES));

    assertThat(all.steps()).isEqualTo(3);
    assertThat(all.weightsSha256()).isEqualTo(given.weightsSha256());
    assertThat(all.validationLoss()).isEqualTo(given.validationLoss());
  }

  @ParameterizedTest
  @CsvSource({"1,2", "2,1", "3,2", "5,1"})
  void anyGangGivesTheSameBits(int workers, int threads) throws IOException {
    assertThat(train(full(workers, threads)).weightsSha256())
        .isEqualTo(train(full(1, 1)).weightsSha256());
  }

  @ParameterizedTest
  @ValueSource(strings = {"executors", "driver"})
  void soDoesAParameterServer(String placement) throws IOException {
    TrainingConfig config = TestConfigs.withParameterServer(full(2, 1), placement, 2);
    assertThat(train(config).weightsSha256()).isEqualTo(train(full(1, 1)).weightsSha256());
  }

  @Test
  void aWorkerComputesPiecesOfAboutFiveHundredExamplesOrALeaf() {
    TrainingConfig config = Configs.with(full(1, 1), "train.leaves", 1024);
    assertThat(config.pieces(60_000, 1)).isEqualTo(118);
    assertThat(config.pieces(60_000, 4)).isEqualTo(30);
    assertThat(config.pieces(60_000, 1024)).isEqualTo(1);
    assertThat(config.pieces(1_200_000, 4)).isEqualTo(256);
    assertThat(config.pieces(100, 1)).isEqualTo(1);
    TrainingConfig smaller = Configs.with(config, "train.accumulate", 200);
    assertThat(smaller.pieces(60_000, 1)).isEqualTo(200);
    assertThat(Configs.with(full(1, 1), "data.batch", 64).pieces(64, 1)).isEqualTo(1);
  }

  @Test
  void theRateIsScaledByTheNumberOfExamples() throws IOException {
    TrainingConfig scaled =
        Configs.with(full(1, 1), "schedule.base-batch", 2 * EXAMPLES, "optimizer.lr", 0.1);
    assertThat(train(scaled).weightsSha256()).isEqualTo(train(full(1, 1)).weightsSha256());
  }

  @Test
  void whatNeedsTheBatchAtOnceOrInLeasesIsRefused() {
    assertThatThrownBy(() -> TestConfigs.synced(full(1, 1)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("batchnorm.sync")
        .hasMessageContaining("data.batch=all");
    assertThatThrownBy(() -> TestConfigs.leased(full(1, 1), "async"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("sync.consistency")
        .hasMessageContaining("data.batch=all");
  }
}
