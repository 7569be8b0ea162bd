package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.backdraft.driver.config.DataConfig;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.RunInterruptedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** L-BFGS and BFGS, whose evaluations are steps: all workers search alike. */
@Timeout(60)
class SearchTrainingTest {
  private static TrainingConfig search(int workers, int threads, int passes) {
    return search("lbfgs", workers, threads, passes);
  }

  private static TrainingConfig search(String rule, int workers, int threads, int passes) {
    return Configs.with(
        TestConfigs.on("patterned:603", TestConfigs.small(workers, threads, passes, 1)),
        "data.batch",
        DataConfig.ALL,
        "optimizer",
        OptimizerConfig.defaults(rule));
  }

  private static final class Losses implements TrainingListener {
    private final List<Double> losses = new ArrayList<>();
    private long from; // of the last restart

    @Override
    public void onRestart(Restart restart) {
      from = restart.steps();
    }

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
  @CsvSource({
    "lbfgs, 1, 2, allreduce",
    "lbfgs, 3, 1, allreduce",
    "lbfgs, 2, 1, executors",
    "lbfgs, 2, 1, driver",
    "bfgs, 3, 2, allreduce"
  })
  void anyGangSearchesAlike(String rule, int workers, int threads, String placement)
      throws IOException {
    TrainingConfig many = search(rule, workers, threads, 8);
    TrainingConfig config =
        placement.equals("allreduce") ? many : TestConfigs.withParameterServer(many, placement, 2);
    TrainingReport one = train(search(rule, 1, 1, 8));
    TrainingReport report = train(config);
    assertThat(report.weightsSha256()).isEqualTo(one.weightsSha256());
    assertThat(report.validationLoss()).isEqualTo(one.validationLoss());
  }

  @ParameterizedTest
  @CsvSource({
    "lbfgs, never, 4, 0",
    "lbfgs, 1 steps, 13, 1",
    "lbfgs, 3 steps, 13, 1",
    "lbfgs, 2 epochs, 13, 1",
    "bfgs, 1 steps, 13, 1"
  })
  void aFailureGoesOnWithTheSearchAndEndsAlike(String rule, String every, int failAfter, int least)
      throws IOException {
    TrainingConfig config = search(rule, 2, 1, 10);
    Losses losses = new Losses();
    TrainingReport report =
        train(TestConfigs.recovering(config, every, 1), new FailingRank(1, failAfter), losses);
    assertThat(report.sync().restarts()).isEqualTo(1);
    assertThat(losses.from).isGreaterThanOrEqualTo(least);
    assertThat(report.weightsSha256()).isEqualTo(train(search(rule, 1, 1, 10)).weightsSha256());
  }

  @ParameterizedTest
  @CsvSource({"1, 2, 3, allreduce", "2, 1, 6, allreduce", "2, 2, 9, driver"})
  void aSearchThatIsToldToStopIsResumed(
      int before, int after, long step, String placement, @TempDir Path folder) throws IOException {
    TrainingConfig clean = Configs.with(search(before, 1, 24), "optimizer.history", 3);
    TrainingConfig config =
        TestConfigs.recovering(
            placement.equals("allreduce")
                ? clean
                : TestConfigs.withParameterServer(clean, placement, 2),
            "100 steps",
            0);
    StopRequest request = new StopRequest();
    TrainingListener asks =
        new TrainingListener() {
          @Override
          public void onStep(Step told) {
            if (told.step() == step) {
              request.ask();
            }
          }
        };
    assertThatThrownBy(job(config, asks, folder, false).stoppingBy(request)::run)
        .isInstanceOf(RunInterruptedException.class)
        .hasMessageContaining("where it is saved");
    Losses seen = new Losses();
    TrainingReport report =
        job(Configs.with(config, "train.workers", after), seen, folder, true).run();
    assertThat(seen.from).isGreaterThan(step);
    assertThat(report.weightsSha256()).isEqualTo(train(clean).weightsSha256());
  }

  private static TrainingJob job(
      TrainingConfig config, TrainingListener listener, Path folder, boolean isResumed) {
    return new TrainingJob(
            config, TestNets::plain, ThreadCluster.provider(ThreadCluster.WORKER), listener)
        .checkpointingIn(
            new CheckpointPlace(
                folder.resolve("checkpoints").toString(),
                isResumed,
                (network, normalize) -> Map.of()));
  }

  /** At a rate at which no weight changes all evaluations are of the same weights. */
  @ParameterizedTest
  @CsvSource({"lbfgs, true", "bfgs, true", "sgd, false"})
  void dropoutAndAugmentationAreTheSameForAllEvaluationsOfASearch(String rule, boolean isAlike)
      throws IOException {
    TrainingConfig config =
        Configs.with(search(rule, 2, 1, 4), "optimizer.lr", 1e-30f, "data.augment", "shift:2");
    Losses losses = new Losses();
    new TrainingJob(
            config, TestNets::dropping, ThreadCluster.provider(ThreadCluster.WORKER), losses)
        .run();
    assertThat(losses.losses).hasSize(4);
    assertThat(losses.losses.stream().distinct().count()).isEqualTo(isAlike ? 1 : 4);
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
