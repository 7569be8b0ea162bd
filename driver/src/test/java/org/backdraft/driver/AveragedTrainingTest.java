package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.backdraft.driver.config.ScheduleConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Averages of weights, which are validated and kept. */
@Timeout(60)
class AveragedTrainingTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  private static TrainingConfig averaging(String name, int from, int workers) {
    return Configs.with(
        TestConfigs.small(workers, 1, 3, 0.05f),
        "train.average.name",
        name,
        "train.average.decay",
        0.8,
        "train.average.from",
        from);
  }

  private static TrainingReport train(TrainingConfig config, ThreadCluster.Body body)
      throws IOException {
    return new TrainingJob(config, TestNets::wide, ThreadCluster.provider(body), SILENT).run();
  }

  private static TrainingReport train(TrainingConfig config) throws IOException {
    return train(config, ThreadCluster.WORKER);
  }

  /** The weights after each of the first steps, without an average. */
  private static List<float[]> weights(int steps) throws IOException {
    List<float[]> all = new ArrayList<>();
    for (int step = 1; step <= steps; step++) {
      TrainingConfig config =
          Configs.with(
              TestConfigs.small(1, 1, 1, 0.05f),
              "train.steps",
              step,
              "schedule",
              ScheduleConfig.defaults("constant"));
      all.add(train(config).weights().parameters());
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"polyak", "ema"})
  void theResultIsTheAverageOfTheStepsWeights(String name) throws IOException {
    List<float[]> steps = weights(4);
    TrainingConfig config =
        Configs.with(
            averaging(name, 1, 1),
            "train.epochs",
            1,
            "train.steps",
            4,
            "schedule",
            ScheduleConfig.defaults("constant"));
    float[] found = train(config).weights().parameters();
    for (int i = 0; i < found.length; i += 13) {
      double expected = steps.get(0)[i];
      for (int n = 1; n < steps.size(); n++) {
        double share = name.equals("ema") ? 0.2 : 1.0 / (n + 1);
        expected += share * (steps.get(n)[i] - expected);
      }
      assertThat((double) found[i]).isCloseTo(expected, within(1e-6));
    }
  }

  @Test
  void whatIsValidatedIsWhatIsKept() throws IOException {
    TrainingReport report = train(averaging("ema", 2, 2));
    EvaluationReport evaluated =
        new EvaluationJob(
                TestConfigs.small(2, 1),
                TestNets::wide,
                ThreadCluster.provider(ThreadCluster.WORKER),
                network -> report.weights(),
                report.data())
            .run();
    assertThat(evaluated.loss()).isEqualTo(report.validationLoss());
    assertThat(report.weightsSha256())
        .isNotEqualTo(train(TestConfigs.small(2, 1, 3, 0.05f)).weightsSha256());
  }

  @ParameterizedTest
  @CsvSource({"ema, 3, allreduce", "polyak, 2, executors", "ema, 2, driver"})
  void anyGangGivesTheSameBits(String name, int workers, String placement) throws IOException {
    TrainingConfig many = averaging(name, 2, workers);
    TrainingConfig config =
        placement.equals("allreduce") ? many : TestConfigs.withParameterServer(many, placement, 2);
    assertThat(train(config).weightsSha256())
        .isEqualTo(train(averaging(name, 2, 1)).weightsSha256());
  }

  @ParameterizedTest
  @CsvSource({"allreduce, 11", "allreduce, 18", "executors, 13"})
  void anAverageOutlivesAFailure(String strategy, int failAfter) throws IOException {
    TrainingConfig two = TestConfigs.recovering(averaging("ema", 2, 2), "3 steps, 1 epochs", 1);
    TrainingConfig config =
        strategy.equals("allreduce") ? two : TestConfigs.withParameterServer(two, strategy, 2);
    TrainingReport report = train(config, new FailingRank(1, failAfter));

    assertThat(report.sync().restarts()).isEqualTo(1);
    assertThat(report.weightsSha256()).isEqualTo(train(averaging("ema", 2, 1)).weightsSha256());
  }

  /** A driver that stops as if it was killed, and another one that goes on from the folder. */
  @Test
  void anAverageAndAPlateauAreResumedFromAFolder(@TempDir Path folder) throws IOException {
    TrainingConfig config =
        Configs.with(
            TestConfigs.recovering(averaging("ema", 1, 2), "3 steps, 1 epochs", 0),
            "schedule",
            Configs.with(
                ScheduleConfig.defaults("plateau"),
                "plateau.patience",
                0,
                "plateau.threshold",
                0.999,
                "plateau.monitor",
                "val_accuracy"));
    TrainingListener stop =
        new TrainingListener() {
          @Override
          public void onStep(Step step) {
            if (step.step() == 16) {
              throw new IllegalStateException("the driver stops");
            }
          }
        };
    assertThatThrownBy(() -> stored(config, stop, folder, false).run())
        .hasMessageContaining("the driver stops");
    TrainingReport resumed = stored(config, SILENT, folder, true).run();
    assertThat(resumed.weightsSha256()).isEqualTo(train(config).weightsSha256());
  }

  private static TrainingJob stored(
      TrainingConfig config, TrainingListener listener, Path folder, boolean isResumed) {
    return new TrainingJob(
            config, TestNets::wide, ThreadCluster.provider(ThreadCluster.WORKER), listener)
        .checkpointingIn(
            new CheckpointPlace(
                folder.resolve("checkpoints").toString(),
                isResumed,
                (network, normalize) -> Map.of()));
  }

  @Test
  void anAverageThatNeverBeginsChangesNothing() throws IOException {
    assertThat(train(averaging("polyak", 9, 1)).weightsSha256())
        .isEqualTo(train(TestConfigs.small(1, 1, 3, 0.05f)).weightsSha256());
  }

  @Test
  void workersThatDifferHaveNone() {
    assertThatThrownBy(() -> TestConfigs.leased(averaging("ema", 1, 1), "async"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("train.average");
    assertThatThrownBy(() -> TestConfigs.agreeing(averaging("ema", 1, 1), "none", 3, false))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("train.average");
  }
}
