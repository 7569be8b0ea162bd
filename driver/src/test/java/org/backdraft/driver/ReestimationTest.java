package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.nn.Activation;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Networks on data of another distribution than that they have learned from. */
@Timeout(120)
class ReestimationTest {
  private static final TrainingConfig CONFIG =
      Configs.with(
          TestConfigs.on("digits:train=800,val=200", TestConfigs.small(1, 1)),
          "train.epochs",
          6,
          "train.leaves",
          1);

  private static Network network(Shape input, int classes) {
    return Network.named("normalized", input)
        .add("conv1", Conv2d.of(6, 5).stride(2))
        .add("bn1", new BatchNorm2d())
        .add("relu1", Activation.relu())
        .add("pool1", MaxPool2d.of(2))
        .add("flatten", new Flatten())
        .add("drop", new Dropout(0.2f))
        .add("fc1", Linear.of(32))
        .add("bn2", new BatchNorm2d())
        .add("relu2", Activation.relu())
        .add("fc2", Linear.of(classes))
        .build();
  }

  private static EvaluationJob evaluation(TrainingConfig config, TrainingReport trained) {
    return new EvaluationJob(
        config,
        ReestimationTest::network,
        ThreadCluster.provider(ThreadCluster.WORKER),
        network -> trained.weights(),
        trained.data());
  }

  private static TrainingReport train(NetworkFactory networks) throws IOException {
    return new TrainingJob(
            CONFIG,
            networks,
            ThreadCluster.provider(ThreadCluster.WORKER),
            new TrainingListener() {})
        .run();
  }

  @Test
  void whatOtherInputsCostComesBack() throws IOException {
    TrainingReport trained = train(ReestimationTest::network);
    double learned = trained.validationAccuracy();
    assertThat(learned).isGreaterThan(0.75);
    // The digits at a fifth of the contrast, on grey.
    TrainingConfig faint = Configs.with(CONFIG, "data.normalize", "-2:5");
    EvaluationReport fallen = evaluation(faint, trained).run();
    EvaluationReport back = evaluation(faint, trained).reestimating().run();

    assertThat(fallen.accuracy()).isLessThan(learned - 0.3);
    assertThat(back.accuracy()).isGreaterThan(learned - 0.06);
    assertThat(back.loss()).isLessThan(fallen.loss() / 2);
    assertThat(evaluation(CONFIG, trained).reestimating().run().accuracy())
        .as("on inputs as in training")
        .isCloseTo(learned, within(0.06));
    TrainingConfig onThreads =
        Configs.with(faint, "train.threads", 3, "train.leaves", 1, "train.workers", 0);
    assertThat(evaluation(onThreads, trained).reestimating().run()).isEqualTo(back);
  }

  @Test
  void withoutBatchNormalizationOrWithSeveralWorkersItIsRefused() throws IOException {
    TrainingReport trained =
        new TrainingJob(
                TestConfigs.small(1, 1, 1, 0.05f),
                TestNets::plain,
                ThreadCluster.provider(ThreadCluster.WORKER),
                new TrainingListener() {})
            .run();
    for (TrainingConfig config :
        new TrainingConfig[] {TestConfigs.small(1, 1), TestConfigs.small(2, 1)}) {
      NetworkFactory networks =
          config.train().workers() == 1 ? TestNets::plain : TestNets::normalized;
      EvaluationJob job =
          new EvaluationJob(
                  config,
                  networks,
                  ThreadCluster.provider(ThreadCluster.WORKER),
                  network -> trained.weights(),
                  trained.data())
              .reestimating();
      assertThatThrownBy(job::run)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining(
              config.train().workers() == 1
                  ? "batch normalization: 'plain' has none"
                  : "by one worker: got 2");
    }
  }
}
