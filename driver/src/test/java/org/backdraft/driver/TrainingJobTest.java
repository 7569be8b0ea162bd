package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.driver.config.LossConfig;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.TargetMissedException;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class TrainingJobTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  private static TrainingReport train(TrainingConfig config, NetworkFactory net)
      throws IOException {
    return new TrainingJob(config, net, ThreadCluster.provider(ThreadCluster.WORKER), SILENT).run();
  }

  @Test
  void learnsThePatterns() throws IOException {
    TrainingReport report = train(TestConfigs.small(1, 1), TestNets::plain);

    assertThat(report.validationAccuracy()).isGreaterThan(0.9);
    assertThat(report.steps()).isEqualTo(3 * 7);
    assertThat(report.epochs()).isEqualTo(3);
    assertThat(report.status()).isEqualTo("completed");
    assertThat(report.weightsSha256()).matches("[0-9a-f]{64}");
    assertThat(report.trainSeconds()).isPositive();
    assertThat(report.examplesPerSecond()).isPositive();
    assertThat(report.times().workers()).isEqualTo(1);
    assertThat(report.times().waiting()[0]).isZero();
    // What is not in the parts is the order of the epoch and the bookkeeping of the loop.
    assertThat(report.times().totalSeconds(0)).isBetween(0.0, report.trainSeconds());
  }

  @ParameterizedTest
  @CsvSource({"1,2", "2,1", "2,2", "3,1", "4,1", "5,1", "8,1"})
  void anyNumberOfWorkersAndThreadsGivesTheSameWeights(int workers, int threads)
      throws IOException {
    TrainingReport one = train(TestConfigs.small(1, 1), TestNets::normalized);
    TrainingReport many = train(TestConfigs.small(workers, threads), TestNets::normalized);

    assertThat(many.weightsSha256()).isEqualTo(one.weightsSha256());
    assertThat(many.validationLoss()).isEqualTo(one.validationLoss());
    assertThat(many.validationAccuracy()).isEqualTo(one.validationAccuracy());
    assertThat(many.workers()).isEqualTo(workers);
  }

  @ParameterizedTest
  @CsvSource({"2,1,1", "3,2,1", "4,1,3000", "5,1,1", "3,1,0"})
  void bucketsOfAnySizeGiveTheSameWeights(int workers, int threads, int bucketBytes)
      throws IOException {
    TrainingReport one = train(TestConfigs.small(1, 1), TestNets::normalized);
    TrainingConfig config =
        TestConfigs.withBuckets(TestConfigs.small(workers, threads), bucketBytes);

    assertThat(train(config, TestNets::normalized).weightsSha256()).isEqualTo(one.weightsSha256());
  }

  @ParameterizedTest
  @CsvSource({"1,3,0", "2,1,1", "2,2,0", "3,2,1", "4,1,3000", "8,1,1"})
  void batchNormOverTheGlobalBatchGivesTheSameWeights(int workers, int threads, int bucketBytes)
      throws IOException {
    TrainingReport one = train(TestConfigs.synced(TestConfigs.small(1, 1)), TestNets::normalized);
    TrainingConfig config =
        TestConfigs.synced(
            TestConfigs.withBuckets(TestConfigs.small(workers, threads), bucketBytes));
    TrainingReport many = train(config, TestNets::normalized);

    assertThat(many.weightsSha256()).isEqualTo(one.weightsSha256());
    assertThat(many.validationLoss()).isEqualTo(one.validationLoss());
    assertThat(many.validationAccuracy()).isGreaterThan(0.8);
    assertThat(train(TestConfigs.small(1, 1), TestNets::normalized).weightsSha256())
        .isNotEqualTo(one.weightsSha256());
  }

  @ParameterizedTest
  @CsvSource({"2,50000", "3,1"})
  void aResidualNetworkGivesTheSameWeightsOnAnyGang(int workers, int bucketBytes)
      throws IOException {
    NetworkFactory resnet = (shape, classes) -> ModelZoo.create("resnet20", shape, classes);
    TrainingReport one = train(clipped("adam", 1, 1), resnet);
    TrainingConfig config = TestConfigs.withBuckets(clipped("adam", workers, 1), bucketBytes);

    assertThat(train(config, resnet).weightsSha256()).isEqualTo(one.weightsSha256());
  }

  @ParameterizedTest
  @CsvSource({"1,2", "3,1", "4,2"})
  void normsAndWeightedLossesGiveTheSameWeightsOnAnyGang(int workers, int threads)
      throws IOException {
    for (String optimizer : List.of("lamb", "lars", "rprop", "barzilai-borwein")) {
      TrainingReport one = train(clipped(optimizer, 1, 1), TestNets::normalized);
      TrainingConfig config = TestConfigs.withBuckets(clipped(optimizer, workers, threads), 1);
      TrainingReport many = train(config, TestNets::normalized);

      assertThat(many.weightsSha256()).as(optimizer).isEqualTo(one.weightsSha256());
      assertThat(many.validationLoss()).as(optimizer).isEqualTo(one.validationLoss());
    }
    TrainingReport other = train(clipped("lamb", 1, 1), TestNets::normalized);
    assertThat(other.weightsSha256())
        .isNotEqualTo(train(clipped("lars", 1, 1), TestNets::normalized).weightsSha256());
  }

  /** One epoch with clipped gradients and a loss whose denominators are not the examples. */
  private static TrainingConfig clipped(String optimizer, int workers, int threads) {
    return Configs.with(
        TestConfigs.small(workers, threads, 1, 0.05f),
        "loss",
        new LossConfig("softmax-cross-entropy", 0.1f, "0.5,1,2,1.5", -100, 1, 1, ""),
        "optimizer",
        OptimizerConfig.defaults(optimizer),
        "train.clip",
        0.5);
  }

  @ParameterizedTest
  @CsvSource({"1,2,500", "3,1,64", "4,2,20000"})
  void augmentedImagesGiveTheSameWeightsOnAnyGang(int workers, int threads, long blockBytes)
      throws IOException {
    TrainingReport one = train(augmented(1, 1), TestNets::plain);
    TrainingConfig config =
        Configs.with(augmented(workers, threads), "data.block-bytes", blockBytes);
    TrainingReport many = train(config, TestNets::plain);

    assertThat(many.weightsSha256()).isEqualTo(one.weightsSha256());
    assertThat(many.validationLoss()).isEqualTo(one.validationLoss());
    assertThat(train(TestConfigs.small(1, 1), TestNets::plain).weightsSha256())
        .isNotEqualTo(one.weightsSha256());
  }

  private static TrainingConfig augmented(int workers, int threads) {
    return Configs.with(
        TestConfigs.small(workers, threads),
        "data.augment",
        "crop:1 rotate:5 elastic:8,2 contrast:0.2 erase:0.3");
  }

  @Test
  void anotherSeedGivesOtherWeights() throws IOException {
    TrainingConfig config = TestConfigs.small(2, 1);
    TrainingConfig other = Configs.with(config, "train.seed", 8);

    assertThat(train(other, TestNets::plain).weightsSha256())
        .isNotEqualTo(train(config, TestNets::plain).weightsSha256());
  }

  @Test
  void stopsAfterTheGivenSteps() throws IOException {
    TrainingConfig config = Configs.with(TestConfigs.small(2, 1), "train.steps", 9);
    TrainingReport report = train(config, TestNets::plain);

    assertThat(report.steps()).isEqualTo(9);
    assertThat(report.epochs()).isEqualTo(2);
  }

  @Test
  void stopsWhenTheTargetIsReachedAndSaysWhenItIsMissed() throws IOException {
    TrainingConfig config = TestConfigs.small(2, 1, 30, 0.05f);
    TrainingReport reached = train(Configs.with(config, "train.target", 0.8), TestNets::plain);
    TrainingReport missed =
        train(
            Configs.with(config, "train.epochs", 1, "train.steps", 1, "train.target", 1),
            TestNets::plain);

    assertThat(reached.epochs()).isLessThan(30);
    reached.requireTarget(0.8);
    assertThat(missed.status()).isEqualTo("target-missed");
    assertThatThrownBy(() -> missed.requireTarget(1))
        .isInstanceOf(TargetMissedException.class)
        .hasMessageContaining("train.target");
  }

  @Test
  void tellsTheListenerEveryStepAndEpochInOrder() throws IOException {
    List<String> seen = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStart(Start start) {
            seen.add("start " + start.stepsPerEpoch());
            assertThat(start.kernels()).isNotEmpty();
          }

          @Override
          public void onStep(Step step) {
            seen.add("step " + step.epoch() + " " + step.step());
            assertThat(step.loss()).isFinite();
            assertThat(step.times().compute()).hasSize(3).doesNotContain(0, Double.NaN);
            for (int rank = 0; rank < 3; rank++) {
              double seconds = step.times().totalSeconds(rank);
              assertThat(seconds).isGreaterThan(step.times().compute()[rank] * 1e-9);
            }
          }

          @Override
          public void onEpoch(Epoch epoch) {
            seen.add("epoch " + epoch.epoch() + " " + epoch.step());
          }
        };
    TrainingReport unused =
        new TrainingJob(
                TestConfigs.small(3, 1, 2, 0.05f),
                TestNets::plain,
                ThreadCluster.provider(ThreadCluster.WORKER),
                listener)
            .run();

    List<String> expected = new ArrayList<>(List.of("start 7"));
    for (int step = 0; step < 14; step++) {
      expected.add("step " + step / 7 + " " + step);
      if (step % 7 == 6) {
        expected.add("epoch " + step / 7 + " " + step);
      }
    }
    assertThat(seen).isEqualTo(expected);
  }

  @Test
  void evaluationFindsWhatTrainingReported() throws IOException {
    TrainingReport trained = train(TestConfigs.small(2, 1), TestNets::normalized);
    for (int workers : new int[] {1, 3}) {
      EvaluationReport report =
          new EvaluationJob(
                  TestConfigs.small(workers, 1),
                  TestNets::normalized,
                  ThreadCluster.provider(ThreadCluster.WORKER),
                  network -> trained.weights(),
                  trained.data())
              .run();

      assertThat(report.loss()).isEqualTo(trained.validationLoss());
      assertThat(report.accuracy()).isEqualTo(trained.validationAccuracy());
      assertThat(report.top5()).isEqualTo(1);
      assertThat(report.examples()).isEqualTo(33);
    }
  }

  @Test
  void trainingGoesOnFromGivenWeights() throws IOException {
    TrainingReport first = train(TestConfigs.small(1, 1, 1, 0.05f), TestNets::plain);
    TrainingReport second =
        new TrainingJob(
                TestConfigs.small(2, 1, 1, 1e-30f),
                TestNets::plain,
                ThreadCluster.provider(ThreadCluster.WORKER),
                SILENT)
            .startingWith(network -> first.weights())
            .run();

    assertThat(second.weightsSha256()).isEqualTo(first.weightsSha256());
  }
}
