package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.TooManyFailuresException;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.backdraft.driver.worker.ModelSpec;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.nn.Activation;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs whose numbers go wrong. */
@Timeout(60)
class HealthTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  private static TrainingJob job(TrainingConfig config, TrainingListener listener) {
    return new TrainingJob(
        config, TestNets::plain, ThreadCluster.provider(ThreadCluster.WORKER), listener);
  }

  private static TrainingDivergedException diverged(TrainingConfig config) {
    return catchThrowableOfType(TrainingDivergedException.class, () -> job(config, SILENT).run());
  }

  /** The first step has finite numbers, and leaves weights that have not. */
  private static TrainingConfig exploding(int workers, Object... keysAndValues) {
    TrainingConfig c = TestConfigs.small(workers, 1, 3, 1e30f);
    return Configs.with(c, keysAndValues);
  }

  @ParameterizedTest
  @CsvSource({"1, allreduce", "3, allreduce", "2, parameter-server"})
  void namesStepLayerRanksAndExamples(int workers, String strategy) {
    TrainingDivergedException e = diverged(exploding(workers, "sync.strategy", strategy));

    assertThat(e.step()).isEqualTo(1);
    assertThat(e)
        .hasMessageContaining("of step 2 (epoch 1) is not finite")
        .hasMessageContaining("(rank ")
        .hasMessageContaining(", of examples ")
        .hasMessageContaining("optimizer.lr (it was");
    assertThat(e.layer()).isIn("conv1", "fc1");
    assertThat(e.exitCode()).isEqualTo(4);
  }

  @Test
  void skippingEndsWhenItDoesNotHelp() {
    TrainingDivergedException e =
        diverged(exploding(2, "train.non-finite.name", "skip", "train.non-finite.in-a-row", 3));

    assertThat(e.step()).isEqualTo(4);
    assertThat(e).hasMessageContaining("3 steps in a row (train.non-finite.in-a-row)");
    TrainingDivergedException inAll =
        diverged(
            exploding(
                3,
                "train.non-finite.name",
                "skip",
                "train.non-finite.in-a-row",
                9,
                "train.non-finite.most",
                2));
    assertThat(inAll.step()).isEqualTo(3);
    assertThat(inAll).hasMessageContaining("2 steps in all (train.non-finite.most)");
  }

  @Test
  void rollsBackToALowerRateAndLearns() throws IOException {
    List<TrainingListener.Restart> restarts = new ArrayList<>();
    List<Double> rates = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onRestart(Restart restart) {
            restarts.add(restart);
            rates.clear();
          }

          @Override
          public void onStep(Step step) {
            rates.add(step.learningRate());
          }
        };
    TrainingConfig c =
        exploding(
            2,
            "train.non-finite.name",
            "roll-back",
            "train.non-finite.lr-factor",
            5e-32,
            "schedule.name",
            "constant");
    TrainingReport report = job(c, listener).run();

    assertThat(report.health().rollBacks()).isEqualTo(1);
    assertThat(report.sync().restarts()).isZero();
    assertThat(restarts).hasSize(1);
    assertThat(restarts.get(0).cause()).startsWith("roll-back 1: Training diverged");
    assertThat(rates).hasSize(21).allSatisfy(rate -> assertThat(rate).isLessThan(0.06));
    TrainingReport slow =
        job(Configs.with(c, "optimizer.lr", (float) (1e30f * (double) 5e-32f)), SILENT).run();
    assertThat(report.weightsSha256()).isEqualTo(slow.weightsSha256());
  }

  @Test
  void rollingBackEndsWithItsBudget() {
    TrainingConfig c =
        exploding(
            2,
            "train.non-finite.name",
            "roll-back",
            "train.non-finite.lr-factor",
            0.9,
            "train.non-finite.most",
            2);
    List<TrainingListener.Restart> restarts = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onRestart(Restart restart) {
            restarts.add(restart);
          }
        };

    assertThat(catchThrowableOfType(TrainingDivergedException.class, () -> job(c, listener).run()))
        .hasMessageContaining("(it was 8.");
    assertThat(restarts).hasSize(2);
  }

  @Test
  void aLossMayHaveLimits() {
    TrainingDivergedException most =
        diverged(Configs.with(TestConfigs.small(2, 1), "train.divergence.loss", 0.1));
    assertThat(most.step()).isZero();
    assertThat(most)
        .hasMessageContaining("the loss of step 1 (epoch 1) is too large; it is ")
        .hasMessageContaining("may be 0.1 (train.divergence.loss)");

    TrainingConfig c = TestConfigs.small(2, 1, 3, 40f);
    TrainingDivergedException growth =
        diverged(Configs.with(c, "train.divergence.growth", 1.5, "train.divergence.window", 1));
    assertThat(growth).hasMessageContaining("(train.divergence.growth)");
  }

  private static Network averaging(Shape input, int classes, float momentum) {
    return Network.named("averaging", input)
        .add("conv1", Conv2d.of(3, 3))
        .add("bn1", new BatchNorm2d(1e-5f, momentum))
        .add("relu1", Activation.relu())
        .add("flatten", new Flatten())
        .add("fc1", Linear.of(classes))
        .build();
  }

  /** One rank has other running statistics than the others. */
  private static void drift(WorkerTask task, int rank) throws Exception {
    WorkerTask.Train train = (WorkerTask.Train) task;
    if (rank != 1) {
      ThreadCluster.WORKER.run(train, rank);
      return;
    }
    ModelSpec m = train.model();
    ModelSpec other =
        new ModelSpec(
            averaging(m.network().input(), m.network().output().dim(0), 0.2f),
            m.loss(),
            m.leaves(),
            m.globalBatch(),
            m.threads(),
            m.optimizerSlots(),
            m.ownedParameters(),
            m.options(),
            m.start());
    ThreadCluster.WORKER.run(
        new WorkerTask.Train(
            train.gang(),
            other,
            train.training(),
            train.validation(),
            train.course(),
            train.updates(),
            train.sync(),
            train.rate(),
            train.continuity(),
            train.health()),
        rank);
  }

  @ParameterizedTest
  @CsvSource({"2, 'attempt 0 of 2 workers'", "3, 'rank 1 of 3 on host 127.0.0.1'"})
  void replicasThatDriftApartEndTheAttemptWithTheirRanks(int workers, String who) {
    TrainingConfig c = Configs.with(TestConfigs.small(workers, 1), "train.drift-check", 2);
    TooManyFailuresException e =
        catchThrowableOfType(
            TooManyFailuresException.class,
            () ->
                new TrainingJob(
                        c,
                        (input, classes) -> averaging(input, classes, 0.1f),
                        ThreadCluster.provider(HealthTest::drift),
                        SILENT)
                    .run());

    assertThat(e)
        .hasMessageContaining(who)
        .hasMessageContaining("at step 2")
        .hasMessageContaining("replicas have drifted apart (train.drift-check)")
        .hasMessageContaining("1: ");
  }

  @Test
  void replicasThatAreEqualPassTheCheck() throws IOException {
    for (String strategy : List.of("allreduce", "parameter-server")) {
      TrainingConfig c =
          Configs.with(TestConfigs.small(3, 1), "train.drift-check", 1, "sync.strategy", strategy);
      assertThat(job(c, SILENT).run().weightsSha256())
          .isEqualTo(job(TestConfigs.small(1, 1), SILENT).run().weightsSha256());
    }
  }
}
