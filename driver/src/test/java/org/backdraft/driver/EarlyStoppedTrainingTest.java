package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.backdraft.driver.config.AveragingConfig;
import org.backdraft.driver.config.DataConfig;
import org.backdraft.driver.config.EarlyStoppingConfig;
import org.backdraft.driver.config.LeaseConfig;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.ScheduleConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.selection.Monitor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs that end when their validation no longer gets better. All look at epochs from the second on,
 * which is the best, as none after it is better by the whole of an accuracy; with a patience of 2
 * they end after the fourth.
 */
@Timeout(60)
class EarlyStoppedTrainingTest {
  private static final int STEPS = 7; // of an epoch

  private static TrainingConfig stopping(TrainingConfig config) {
    return Configs.with(
        config,
        "train.epochs",
        9,
        "schedule",
        ScheduleConfig.defaults("constant"),
        "early-stopping",
        new EarlyStoppingConfig(2, "val_accuracy", 1, 2, true));
  }

  private static TrainingConfig stopping(int workers) {
    return stopping(TestConfigs.small(workers, 1));
  }

  /** The same of so many epochs, without an early end. */
  private static TrainingConfig until(int epochs, TrainingConfig config) {
    return Configs.with(config, "train.epochs", epochs, "early-stopping.patience", 0);
  }

  private static final class Epochs implements TrainingListener {
    private final List<Epoch> all = new ArrayList<>();

    @Override
    public void onEpoch(Epoch epoch) {
      all.add(epoch);
    }
  }

  private static TrainingReport train(
      TrainingConfig config, ThreadCluster.Body body, TrainingListener seen) throws IOException {
    return new TrainingJob(config, TestNets::wide, ThreadCluster.provider(body), seen).run();
  }

  private static TrainingReport train(TrainingConfig config) throws IOException {
    return train(config, ThreadCluster.WORKER, new Epochs());
  }

  private static void assertStopped(TrainingReport report) {
    assertThat(report.epochs()).isEqualTo(4);
    assertThat(report.steps()).isEqualTo(4 * STEPS);
    EarlyStoppingReport early = report.earlyStopping().orElseThrow();
    assertThat(early.isStopped()).isTrue();
    assertThat(early.bestEpoch()).isEqualTo(1);
    assertThat(early.isRestored()).isTrue();
  }

  @Test
  void theRunEndsWithTheWeightsAndNumbersOfItsBestEpoch() throws IOException {
    Epochs seen = new Epochs();
    TrainingReport report = train(stopping(1), ThreadCluster.WORKER, seen);
    TrainingReport best = train(until(2, stopping(1)));

    assertStopped(report);
    assertThat(report.weightsSha256()).isEqualTo(best.weightsSha256());
    assertThat(report.weights().sha256(report.network())).isEqualTo(report.weightsSha256());
    assertThat(report.validationLoss()).isEqualTo(best.validationLoss());
    assertThat(report.validationAccuracy()).isEqualTo(best.validationAccuracy());
    EarlyStoppingReport early = report.earlyStopping().orElseThrow();
    assertThat(early.best()).isEqualTo(best.validationAccuracy());
    assertThat(early.last().loss()).isEqualTo(seen.all.get(3).validationLoss());
    assertThat(early.reason())
        .contains("val_accuracy was no better than", "that of epoch 2, for 2 epochs in a row")
        .contains("the weights of epoch 2 are kept");
  }

  @Test
  void theLastWeightsStayWhereTheBestAreNotWanted() throws IOException {
    TrainingConfig config = Configs.with(stopping(1), "early-stopping.restore-best", false);
    TrainingReport report = train(config);
    TrainingReport last = train(until(4, config));

    assertThat(report.epochs()).isEqualTo(4);
    assertThat(report.earlyStopping().orElseThrow().isRestored()).isFalse();
    assertThat(report.weightsSha256()).isEqualTo(last.weightsSha256());
    assertThat(report.validationLoss()).isEqualTo(last.validationLoss());
  }

  @Test
  void theBestIsKeptOfARunThatComesToItsEndToo() throws IOException {
    TrainingConfig config = Configs.with(stopping(1), "train.epochs", 3);
    EarlyStoppingReport early = train(config).earlyStopping().orElseThrow();

    assertThat(early.isStopped()).isFalse();
    assertThat(early.isRestored()).isTrue();
    assertThat(train(config).weightsSha256()).isEqualTo(train(until(2, config)).weightsSha256());
  }

  @Test
  void aTargetThatIsReachedIsMetByTheWeightsThatReachIt() throws IOException {
    Epochs seen = new Epochs();
    TrainingConfig slow = Configs.with(stopping(1), "optimizer.lr", 0.0005);
    double target = train(until(6, slow), ThreadCluster.WORKER, seen).bestValidationAccuracy();
    int reached = 0;
    while (seen.all.get(reached).validationAccuracy() < target) {
      reached++;
    }
    assertThat(reached).as("an epoch after the best one").isGreaterThan(1);
    TrainingReport report =
        train(Configs.with(slow, "train.target", target, "early-stopping.patience", 8));

    assertThat(report.epochs()).isEqualTo(reached + 1);
    assertThat(report.validationAccuracy()).isEqualTo(target);
    assertThat(report.earlyStopping().orElseThrow().isRestored()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"allreduce", "executors", "driver"})
  void anyGangStopsAlike(String placement) throws IOException {
    TrainingConfig three =
        placement.equals("allreduce")
            ? stopping(3)
            : TestConfigs.withParameterServer(stopping(3), placement, 2);
    TrainingReport report = train(three);

    assertStopped(report);
    assertThat(report.weightsSha256()).isEqualTo(train(stopping(1)).weightsSha256());
  }

  @Test
  void theAverageThatWasValidatedIsKept() throws IOException {
    TrainingConfig config =
        stopping(
            Configs.with(
                TestConfigs.small(2, 1), "train.average", new AveragingConfig("ema", 0.8, 1)));
    TrainingReport report = train(config);

    assertStopped(report);
    assertThat(report.weightsSha256()).isEqualTo(train(until(2, config)).weightsSha256());
  }

  @Test
  void replicasThatAreAveragedStopTogether() throws IOException {
    TrainingConfig config = TestConfigs.agreeing(stopping(2), "none", 3, false);
    TrainingReport report = train(config);

    assertStopped(report);
    assertThat(report.weightsSha256()).isEqualTo(train(until(2, config)).weightsSha256());
  }

  @Test
  void aSearchKeepsWhatItHadReached() throws IOException {
    TrainingConfig config =
        stopping(
            Configs.with(
                TestConfigs.small(2, 1, 9, 1),
                "data.batch",
                DataConfig.ALL,
                "optimizer",
                OptimizerConfig.defaults("lbfgs")));
    TrainingReport report = train(config);

    assertThat(report.epochs()).isEqualTo(4);
    assertThat(report.weightsSha256()).isEqualTo(train(until(2, config)).weightsSha256());
  }

  @ParameterizedTest
  @ValueSource(strings = {"driver", "executors"})
  void workersThatTakeLeasesStop(String placement) throws IOException {
    TrainingConfig config =
        TestConfigs.leased(stopping(1), "async", placement, new LeaseConfig(0, 60, 5));
    TrainingReport report =
        new TrainingJob(
                config,
                TestNets::plain,
                ThreadCluster.restarting(RestartingThreads.WORKER),
                new Epochs())
            .run();
    TrainingReport best =
        new TrainingJob(
                until(2, stopping(1)),
                TestNets::plain,
                ThreadCluster.provider(ThreadCluster.WORKER),
                new Epochs())
            .run();

    assertStopped(report);
    // One worker with whole batches takes the steps of an all-reduce.
    assertThat(report.weightsSha256()).isEqualTo(best.weightsSha256());
    assertThat(report.validationLoss()).isEqualTo(best.validationLoss());
  }

  @Test
  void severalWorkersWithLeasesKeepWhatWasValidated() throws IOException {
    TrainingConfig config =
        TestConfigs.leased(stopping(3), "ssp:1", "executors", new LeaseConfig(0, 60, 5));
    Epochs seen = new Epochs();
    TrainingReport report =
        new TrainingJob(
                config,
                TestNets::normalized,
                ThreadCluster.restarting(RestartingThreads.WORKER),
                seen)
            .run();

    assertStopped(report);
    assertThat(report.validationLoss()).isEqualTo(seen.all.get(1).validationLoss());
  }

  @ParameterizedTest
  @ValueSource(ints = {3 * STEPS - 2, 4 * STEPS - 2})
  void patienceOutlivesAFailure(int failAfter) throws IOException {
    TrainingReport report =
        train(
            TestConfigs.recovering(stopping(2), "1 epochs", 1),
            new FailingRank(1, failAfter),
            new Epochs());

    assertStopped(report);
    assertThat(report.sync().restarts()).isEqualTo(1);
    TrainingReport clean = train(stopping(1));
    assertThat(report.weightsSha256()).isEqualTo(clean.weightsSha256());
    assertThat(report.validationLoss()).isEqualTo(clean.validationLoss());
  }

  /** Ends the run at a step, as a killed driver does: with what was written until then. */
  private record Stop(long step) implements TrainingListener {
    @Override
    public void onStep(Step told) {
      if (told.step() == step) {
        throw new IllegalStateException("the driver stops at step " + step);
      }
    }
  }

  private static TrainingJob job(TrainingConfig config, Path folder, boolean isResumed) {
    TrainingListener listener = isResumed ? new Epochs() : new Stop(4 * STEPS - 2);
    return new TrainingJob(
            config, TestNets::wide, ThreadCluster.provider(ThreadCluster.WORKER), listener)
        .checkpointingIn(
            new CheckpointPlace(folder.toString(), isResumed, (network, normalize) -> Map.of()));
  }

  @ParameterizedTest
  @CsvSource({"2, '1 epochs', 3", "1, '3 steps, 1 epochs', 2"})
  void aRunIsResumedInTheMiddleOfItsPatience(
      int before, String every, int after, @TempDir Path folder) throws IOException {
    TrainingJob stopped = job(TestConfigs.recovering(stopping(before), every, 0), folder, false);
    assertThatThrownBy(stopped::run).hasMessageContaining("the driver stops");

    TrainingReport report =
        job(TestConfigs.recovering(stopping(after), every, 0), folder, true).run();
    assertStopped(report);
    TrainingReport clean = train(stopping(1));
    assertThat(report.weightsSha256()).isEqualTo(clean.weightsSha256());
    assertThat(report.validationLoss()).isEqualTo(clean.validationLoss());
    assertThat(report.validationAccuracy()).isEqualTo(clean.validationAccuracy());
  }

  @Test
  void whatIsNotMeasuredIsRefused() {
    assertThatThrownBy(
            () -> train(Configs.with(stopping(1), "early-stopping.monitor", Monitor.MSE.word())))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("early-stopping.monitor must be what the validation measures")
        .hasMessageContaining("one of val_loss, val_accuracy: got 'val_mse'");
  }

  @ParameterizedTest
  @CsvSource({
    "patience, -1",
    "min-delta, -0.5",
    "from, 0",
  })
  void valuesOutOfRangeAreRefusedByKey(String key, double value) {
    assertThatThrownBy(() -> Configs.with(stopping(1), "early-stopping." + key, value))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("early-stopping." + key);
  }
}
