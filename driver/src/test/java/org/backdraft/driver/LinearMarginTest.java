package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.driver.config.LossConfig;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.ScheduleConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Single neurons that learn as every other network does, and how far they are from a mistake. */
@Timeout(60)
class LinearMarginTest {
  private final List<LinearMargin> margins = new ArrayList<>();

  private TrainingReport train(TrainingConfig config, NetworkFactory network) throws IOException {
    margins.clear();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onMargin(LinearMargin margin) {
            margins.add(margin);
          }
        };
    return new TrainingJob(config, network, ThreadCluster.provider(ThreadCluster.WORKER), listener)
        .run();
  }

  private TrainingReport train(TrainingConfig config) throws IOException {
    return train(config, (input, classes) -> ModelZoo.create("softmax-regression", input, classes));
  }

  /** Hinge loss over the corners of the square, each of them ten times in a batch. */
  private static TrainingConfig hinge(String points, int workers) {
    return Configs.with(
        TestConfigs.on(
            "points:" + points + ",train=400,val=4", TestConfigs.small(workers, 1, 40, 0.5f)),
        "data.batch",
        40,
        "loss",
        LossConfig.defaults("hinge"),
        "optimizer.weight-decay",
        0.02,
        "optimizer.no-decay",
        true,
        "train.leaves",
        2);
  }

  @Test
  void hingeLossAndLittleDecayGiveTheLargestMarginOnAnyGang() throws IOException {
    TrainingReport one = train(hinge("and", 1));
    assertThat(one.validationAccuracy()).isEqualTo(1);
    assertThat(margins).hasSize(1);
    assertThat(margins.get(0).examples()).isEqualTo(400);
    assertThat(margins.get(0).margin())
        .isCloseTo(Math.sqrt(0.5) / 2, within(0.01))
        .isLessThanOrEqualTo(Math.sqrt(0.5) / 2 + 1e-6);
    assertThat(train(hinge("and", 2)).weightsSha256()).isEqualTo(one.weightsSha256());
  }

  @Test
  void withoutAMarginItIsAPerceptronThatEndsWhereAnyLineWillDo() throws IOException {
    TrainingConfig perceptron =
        Configs.with(
            hinge("and", 1),
            "loss.margin",
            0,
            "optimizer",
            Configs.with(OptimizerConfig.defaults("sgd"), "momentum", 0, "lr", 0.5),
            "schedule",
            ScheduleConfig.defaults("constant"),
            "data.batch",
            1,
            "train.leaves",
            1);
    assertThat(train(perceptron).validationAccuracy()).isEqualTo(1);
    assertThat(margins.get(0).margin()).isBetween(0.0, 0.35);
    assertThat(margins.get(0).margin()).isPositive();
  }

  @Test
  void noLinePartsExclusiveOr() throws IOException {
    assertThat(train(hinge("xor", 1)).validationAccuracy()).isLessThan(1);
    assertThat(margins.get(0).margin()).isNegative();
  }

  @Test
  void networksOfSeveralLayersAndOtherLossesHaveNone() throws IOException {
    TrainingConfig config = Configs.with(hinge("and", 1), "train.epochs", 1);
    TrainingReport unused =
        train(
            config,
            (input, classes) ->
                Network.named("two", input)
                    .add("fc1", Linear.of(3))
                    .add("fc2", Linear.of(classes))
                    .build());
    assertThat(margins).isEmpty();
    TrainingReport other =
        train(Configs.with(config, "loss", LossConfig.defaults("softmax-cross-entropy")));
    assertThat(other.epochs()).isEqualTo(1);
    assertThat(margins).isEmpty();
  }

  @Test
  void aLimitTakesSomeExamplesSpreadOverBothSets() throws IOException {
    TrainingConfig config =
        Configs.with(
            hinge("and", 1), "data.limit.train", 100, "data.limit.val", 3, "train.epochs", 1);
    List<TrainingListener.Start> starts = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStart(Start start) {
            starts.add(start);
          }
        };
    TrainingReport report =
        new TrainingJob(
                config,
                (input, classes) -> ModelZoo.create("softmax-regression", input, classes),
                ThreadCluster.provider(ThreadCluster.WORKER),
                listener)
            .run();
    assertThat(report.steps()).isEqualTo(3);
    assertThat(starts.get(0).trainExamples()).isEqualTo(100);
    assertThat(starts.get(0).validationExamples()).isEqualTo(3);
  }
}
