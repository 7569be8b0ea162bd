package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.backdraft.checkpoint.CheckpointState;
import org.backdraft.checkpoint.CheckpointStore;
import org.backdraft.data.HadoopSettings;
import org.backdraft.driver.config.EarlyStoppingConfig;
import org.backdraft.driver.config.LeaseConfig;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.RunInterruptedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs with {@code ssp} and {@code async} that another driver goes on with, by workers that are
 * threads. One worker alone computes leases in their order, so that bits can be compared.
 */
@Timeout(90)
class LeaseResumeTest {
  private static final int STEPS = 7; // of an epoch
  private static final TrainingListener SILENT = new TrainingListener() {};

  @TempDir Path folder;

  /** Adam, whose corrections depend on the number of updates. */
  private static TrainingConfig config(
      int workers, String consistency, String placement, String every) {
    TrainingConfig adam =
        Configs.with(TestConfigs.small(workers, 1), "optimizer", OptimizerConfig.defaults("adam"));
    TrainingConfig leased =
        TestConfigs.leased(
            Configs.with(adam, "optimizer.lr", 0.01),
            consistency,
            placement,
            new LeaseConfig(4, 60, 5));
    return TestConfigs.recovering(leased, every, 0);
  }

  private TrainingJob job(
      TrainingConfig config,
      RestartingThreads.Body body,
      TrainingListener listener,
      boolean isResumed) {
    return new TrainingJob(config, TestNets::wide, ThreadCluster.restarting(body), listener)
        .checkpointingIn(
            new CheckpointPlace(
                folder.resolve("checkpoints").toString(),
                isResumed,
                (network, normalize) -> Map.of()));
  }

  private TrainingJob job(TrainingConfig config, TrainingListener listener, boolean isResumed) {
    return job(config, RestartingThreads.WORKER, listener, isResumed);
  }

  private static TrainingReport undisturbed(TrainingConfig config) throws IOException {
    return new TrainingJob(
            TestConfigs.recovering(config, "never", 0),
            TestNets::wide,
            ThreadCluster.restarting(RestartingThreads.WORKER),
            SILENT)
        .run();
  }

  /** Ends a run as a killed driver does, and says what is told of another one. */
  private static final class Seen implements TrainingListener {
    private final long last;
    private final List<Long> steps = new ArrayList<>();
    private final List<Restart> restarts = new ArrayList<>();

    Seen(long last) {
      this.last = last;
    }

    @Override
    public void onStep(Step told) {
      steps.add(told.step());
      if (told.step() == last) {
        throw new IllegalStateException("the driver stops at step " + last);
      }
    }

    @Override
    public void onRestart(Restart restart) {
      restarts.add(restart);
    }
  }

  private void trainUntil(TrainingConfig config, long step) {
    assertThatThrownBy(job(config, new Seen(step), false)::run)
        .hasMessageContaining("the driver stops");
  }

  @ParameterizedTest
  @CsvSource({
    "async, driver, '3 steps', 11, 9", // in the middle of an epoch
    "async, executors, '2 steps, 1 epochs', 16, 16",
    "ssp:1, executors, '1 epochs', 12, 7", // between two epochs
    "ssp:2, driver, '7 steps', 8, 7", // before an epoch is evaluated
    "async, driver, '5 steps', 20, 20"
  })
  void goesOnWhereTheTableWasCopied(
      String consistency, String placement, String every, long stop, long from) throws IOException {
    TrainingConfig c = config(1, consistency, placement, every);
    trainUntil(c, stop);
    Seen seen = new Seen(-1);
    TrainingReport report = job(c, seen, true).run();
    TrainingReport clean = undisturbed(c);

    assertThat(seen.restarts).hasSize(1);
    assertThat(seen.restarts.get(0).steps()).isEqualTo(from);
    assertThat(seen.steps.get(0)).isEqualTo(from);
    assertThat(report.weightsSha256()).isEqualTo(clean.weightsSha256());
    assertThat(report.validationLoss()).isEqualTo(clean.validationLoss());
    assertThat(report.bestValidationAccuracy()).isEqualTo(clean.bestValidationAccuracy());
    assertThat(report.steps()).isEqualTo(3 * STEPS);
    assertThat(report.sync().leases()).isEqualTo(4 * (3 * STEPS - from));
    assertThat(report.sync().lostUpdates()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"async, driver, 3, 2", "ssp:1, executors, 2, 3", "async, executors, 3, 1"})
  void goesOnWithAnotherNumberOfWorkers(String consistency, String placement, int before, int after)
      throws IOException {
    TrainingConfig c = config(before, consistency, placement, "2 steps, 1 epochs");
    trainUntil(c, 11);
    Seen seen = new Seen(-1);
    TrainingReport report =
        job(Configs.with(c, "train.workers", after, "sync.shards", 1), seen, true).run();

    // A state that waits while one is written gives way to the next.
    long from = seen.restarts.get(0).steps();
    assertThat(from).isPositive().isEven().isLessThanOrEqualTo(12);
    List<Long> expected = new ArrayList<>();
    for (long step = from; step < 3 * STEPS; step++) {
      expected.add(step);
    }
    assertThat(seen.steps).isEqualTo(expected);
    assertThat(report.sync().leases()).isEqualTo(4 * (3 * STEPS - from));
    assertThat(report.validationAccuracy()).isGreaterThan(0.9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"driver", "executors"})
  void aCheckpointHoldsEachLeaseBeforeItOnce(String placement) throws IOException {
    TrainingConfig c =
        Configs.with(config(3, "async", placement, "1 steps"), "checkpoint.keep", 100);
    TrainingReport unused = job(c, SILENT, false).run();

    CheckpointStore store =
        CheckpointStore.open(folder.resolve("checkpoints").toString(), HadoopSettings.defaults());
    List<CheckpointStore.Entry> entries = store.list();
    assertThat(entries).isNotEmpty();
    for (CheckpointStore.Entry each : entries) {
      CheckpointState state = store.load(each).state();
      assertThat((List<?>) state.details().get("lease_updates"))
          .as("step " + state.step())
          .isNotEmpty()
          .allSatisfy(updates -> assertThat(updates).isEqualTo(4 * state.step()));
    }
  }

  @ParameterizedTest
  @CsvSource({"driver, 1, 8", "executors, 2, 3", "driver, 3, 13"})
  void aRunThatIsToldToStopIsSavedWhereItDoes(String placement, int workers, long step)
      throws IOException {
    TrainingConfig c = config(workers, "async", placement, "100 steps");
    StopRequest request = new StopRequest();
    TrainingListener asking =
        new TrainingListener() {
          @Override
          public void onStep(Step told) {
            if (told.step() == step) {
              request.ask();
            }
          }
        };
    RunInterruptedException e =
        catchThrowableOfType(
            RunInterruptedException.class, job(c, asking, false).stoppingBy(request)::run);
    assertThat(e).hasMessageContaining("where it is saved");
    assertThat(e.exitCode()).isEqualTo(130);

    Seen seen = new Seen(-1);
    TrainingReport report = job(c, seen, true).run();
    assertThat(seen.restarts.get(0).steps()).isGreaterThan(step).isLessThan(3 * STEPS);
    assertThat(e).hasMessageContaining("after step " + seen.restarts.get(0).steps() + ",");
    assertThat(seen.steps).hasSize((int) (3 * STEPS - seen.restarts.get(0).steps()));
    if (workers == 1) {
      assertThat(report.weightsSha256()).isEqualTo(undisturbed(c).weightsSha256());
    }
  }

  @Test
  void theBestEpochAndItsWeightsAreTakenAlong() throws IOException {
    TrainingConfig c =
        Configs.with(
            config(1, "async", "driver", "1 epochs"),
            "train.epochs",
            9,
            "early-stopping",
            new EarlyStoppingConfig(2, "val_accuracy", 1, 2, true));
    trainUntil(c, 3 * STEPS + 2);
    TrainingReport report = job(c, SILENT, true).run();
    TrainingReport clean = undisturbed(c);

    assertThat(report.epochs()).isEqualTo(4);
    assertThat(report.weightsSha256()).isEqualTo(clean.weightsSha256());
    assertThat(report.earlyStopping().orElseThrow().isRestored()).isTrue();
    assertThat(report.earlyStopping().orElseThrow().bestEpoch())
        .isEqualTo(clean.earlyStopping().orElseThrow().bestEpoch());
  }

  @Test
  void whatWasLostAndDoneAgainIsToldOfTheWholeRun() {
    LeaseNumbers kept = new LeaseNumbers(List.of(8L, 7L), 2, 5);
    ProgressCounts counts = new ProgressCounts();
    counts.leases = kept;
    assertThat(counts.copy().leases).isEqualTo(kept);
    assertThat(kept.and(1, 3).at(List.of(9L, 9L)))
        .isEqualTo(new LeaseNumbers(List.of(9L, 9L), 3, 8));
    assertThat(new ProgressCounts().copy().leases).isEqualTo(LeaseNumbers.NONE);
  }

  @Test
  void aRunWithoutACheckpointCannotBeResumed() {
    assertThatThrownBy(job(config(1, "async", "driver", "1 epochs"), SILENT, true)::run)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("must have a checkpoint: there is none");
  }

  @Test
  void workersThatDriftGoOnFromStepsThatAllTookTogether() throws IOException {
    TrainingConfig c = config(1, "async", "driver", "1 epochs");
    TrainingConfig together = Configs.with(c, "sync", SyncConfigs.sync());
    assertThatThrownBy(
            new TrainingJob(
                        together,
                        TestNets::wide,
                        ThreadCluster.provider(ThreadCluster.WORKER),
                        new Seen(18))
                    .checkpointingIn(
                        new CheckpointPlace(
                            folder.resolve("checkpoints").toString(),
                            false,
                            (network, normalize) -> Map.of()))
                ::run)
        .hasMessageContaining("the driver stops");
    Seen seen = new Seen(-1);
    TrainingReport report = job(c, seen, true).run();

    assertThat(seen.restarts.get(0).steps()).isIn((long) STEPS, 2L * STEPS);
    assertThat(report.steps()).isEqualTo(3L * STEPS);
    assertThat(report.validationAccuracy()).isGreaterThan(0.9);
  }
}
