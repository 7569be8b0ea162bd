package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.backdraft.driver.config.DataConfig;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Implicit SGD, whose steps are several evaluations of one batch: all workers walk alike. */
@Timeout(60)
class ImplicitTrainingTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  private static TrainingConfig implicit(int workers, int threads, float rate) {
    return Configs.with(
        TestConfigs.small(workers, threads),
        "optimizer",
        Configs.with(OptimizerConfig.defaults("implicit-sgd"), "lr", rate));
  }

  private static Network linear(Shape input, int classes) {
    return Network.named("linear", input)
        .add("flatten", new Flatten())
        .add("fc", Linear.of(classes))
        .build();
  }

  private static TrainingReport train(
      TrainingConfig config, NetworkFactory network, ThreadCluster.Body body) throws IOException {
    return new TrainingJob(config, network, ThreadCluster.provider(body), SILENT).run();
  }

  private static TrainingReport train(TrainingConfig config, NetworkFactory network)
      throws IOException {
    return train(config, network, ThreadCluster.WORKER);
  }

  /** Images of 64 pixels: plain gradient descent needs a rate of about 0.1, or it diverges. */
  @ParameterizedTest
  @CsvSource({"1", "100"})
  void aRateAtWhichGradientDescentDivergesIsOfUse(float rate) throws IOException {
    TrainingConfig config = Configs.with(implicit(1, 1, rate), "loss.name", "squared-error");
    TrainingReport report = train(config, ImplicitTrainingTest::linear);
    assertThat(report.validationAccuracy()).isGreaterThan(0.9);
    assertThat(report.steps()).isEqualTo(3 * 7);

    OptimizerConfig plain =
        Configs.with(OptimizerConfig.defaults("sgd"), "momentum", 0, "lr", rate);
    TrainingConfig explicit =
        Configs.with(config, "optimizer", plain, "train.epochs", 20, "schedule.name", "constant");
    assertThatThrownBy(() -> train(explicit, ImplicitTrainingTest::linear))
        .isInstanceOf(TrainingDivergedException.class);
  }

  @ParameterizedTest
  @CsvSource({"1,2,0", "2,1,1", "3,2,64", "4,1,3000"})
  void anyGangWalksAlike(int workers, int threads, int bucketBytes) throws IOException {
    TrainingReport one = train(implicit(1, 1, 0.5f), TestNets::normalized);
    TrainingConfig config = TestConfigs.withBuckets(implicit(workers, threads, 0.5f), bucketBytes);
    TrainingReport many = train(config, TestNets::normalized);

    assertThat(many.weightsSha256()).isEqualTo(one.weightsSha256());
    assertThat(many.validationLoss()).isEqualTo(one.validationLoss());
    assertThat(many.validationAccuracy()).isGreaterThan(0.5);
  }

  @Test
  void aFailureChangesNoBit() throws IOException {
    TrainingReport clean = train(implicit(1, 1, 0.5f), TestNets::plain);
    TrainingConfig config = TestConfigs.recovering(implicit(2, 1, 0.5f), "3 steps", 1);
    TrainingReport report = train(config, TestNets::plain, new FailingRank(1, 13));

    assertThat(report.sync().restarts()).isEqualTo(1);
    assertThat(report.weightsSha256()).isEqualTo(clean.weightsSha256());
  }

  @Test
  void averagesAreOfTheEndsOfSteps() throws IOException {
    TrainingConfig averaged =
        Configs.with(implicit(1, 1, 0.5f), "train.average.name", "polyak", "train.average.from", 1);
    TrainingReport one = train(averaged, TestNets::plain);
    TrainingConfig onTwo = Configs.with(averaged, "train.workers", 2);

    assertThat(train(onTwo, TestNets::plain).weightsSha256()).isEqualTo(one.weightsSha256());
    assertThat(one.weightsSha256())
        .isNotEqualTo(train(implicit(1, 1, 0.5f), TestNets::plain).weightsSha256());
    assertThat(one.validationAccuracy()).isGreaterThan(0.5);
  }

  @Test
  void whatIsFrozenStays() throws IOException {
    TrainingConfig frozen = Configs.with(implicit(1, 1, 0.5f), "train.freeze", "conv1.*");
    TrainingReport few = train(Configs.with(frozen, "train.steps", 1), TestNets::plain);
    TrainingReport many = train(Configs.with(frozen, "train.workers", 2), TestNets::plain);
    int end = 3 * 9 + 3;
    assertThat(Arrays.copyOf(many.weights().parameters(), end))
        .containsExactly(Arrays.copyOf(few.weights().parameters(), end));
    assertThat(many.validationLoss()).isLessThan(few.validationLoss());
  }

  @Test
  void whatImplicitStepsCannotHaveIsRefused() {
    TrainingConfig config = implicit(1, 1, 1);
    assertThatThrownBy(() -> Configs.with(config, "data.batch", DataConfig.ALL))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("data.batch must not be all");
    for (Object[] each :
        List.of(
            new Object[] {"sync.average-every", 2},
            new Object[] {"sync.compression", "fp16"},
            new Object[] {"sync.strategy", "parameter-server"})) {
      assertThatThrownBy(() -> Configs.with(config, each))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("implicit-sgd needs exact gradients");
    }
    assertThatThrownBy(() -> Configs.with(config, "train.clip", 1))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("implicit-sgd takes the gradient as it is");
    assertThatThrownBy(
            () -> train(Configs.with(config, "optimizer.implicit.evaluations", 1), TestNets::plain))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("optimizer.implicit.evaluations");
  }
}
