package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** L-BFGS, whose evaluations are steps: all workers search alike. */
@Timeout(60)
class SearchTrainingTest {
  private static TrainingConfig search(int workers, int threads, int passes) {
    return Configs.with(
        TestConfigs.on("patterned:603", TestConfigs.small(workers, threads, passes, 1)),
        "data.batch",
        DataConfig.ALL,
        "optimizer",
        OptimizerConfig.defaults("lbfgs"));
  }

  private static final class Losses implements TrainingListener {
    private final List<Double> losses = new ArrayList<>();

    @Override
    public void onEpoch(Epoch epoch) {
      losses.add(epoch.loss());
    }
  }

  private static TrainingReport train(TrainingConfig config, ThreadCluster.Body body, Losses losses)
      throws IOException {
    return new TrainingJob(config, TestNets::plain, ThreadCluster.provider(body), losses).run();
  }

  private static TrainingReport train(TrainingConfig config) throws IOException {
    return train(config, ThreadCluster.WORKER, new Losses());
  }

  @Test
  void aFewPassesLearnThePatterns() throws IOException {
    Losses losses = new Losses();
    TrainingReport report = train(search(1, 1, 20), ThreadCluster.WORKER, losses);

    assertThat(report.epochs()).isEqualTo(20);
    assertThat(report.steps()).isEqualTo(20);
    assertThat(losses.losses.get(19)).isLessThan(losses.losses.get(0) / 10);
    assertThat(report.validationAccuracy()).isGreaterThan(0.95);
  }

  @ParameterizedTest
  @CsvSource({"1, 2, allreduce", "3, 1, allreduce", "2, 1, executors", "2, 1, driver"})
  void anyGangSearchesAlike(int workers, int threads, String placement) throws IOException {
    TrainingConfig many = search(workers, threads, 8);
    TrainingConfig config =
        placement.equals("allreduce") ? many : TestConfigs.withParameterServer(many, placement, 2);
    TrainingReport one = train(search(1, 1, 8));
    TrainingReport report = train(config);
    assertThat(report.weightsSha256()).isEqualTo(one.weightsSha256());
    assertThat(report.validationLoss()).isEqualTo(one.validationLoss());
  }

  @Test
  void aFailureBeginsAgainAndEndsAlike() throws IOException {
    TrainingReport report =
        train(
            Configs.with(search(2, 1, 8), "train.restarts", 1),
            new FailingRank(1, 4),
            new Losses());
    assertThat(report.sync().restarts()).isEqualTo(1);
    assertThat(report.weightsSha256()).isEqualTo(train(search(1, 1, 8)).weightsSha256());
  }

  @Test
  void whatIsFrozenIsNotSearched() throws IOException {
    TrainingReport few = train(Configs.with(search(1, 1, 1), "train.freeze", "conv1.*"));
    TrainingReport many = train(Configs.with(search(2, 1, 8), "train.freeze", "conv1.*"));
    int end = 3 * 9 + 3;
    assertThat(Arrays.copyOf(many.weights().parameters(), end))
        .containsExactly(Arrays.copyOf(few.weights().parameters(), end));
    assertThat(many.validationLoss()).isLessThan(few.validationLoss());
  }

  @Test
  void whatASearchCannotHaveIsRefused() {
    assertThatThrownBy(() -> Configs.with(search(1, 1, 1), "data.batch", 64))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("data.batch must be all with lbfgs");
    for (String key : List.of("train.clip", "train.clip-value")) {
      assertThatThrownBy(() -> Configs.with(search(1, 1, 1), key, 1))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("lbfgs takes the gradient as it is");
    }
    assertThatThrownBy(() -> train(Configs.with(search(1, 1, 1), "optimizer.weight-decay", 0.1)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("optimizer.weight-decay");
  }
}
