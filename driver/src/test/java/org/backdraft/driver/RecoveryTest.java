package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.backdraft.driver.config.SyncConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.TooManyFailuresException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs whose workers fail, by workers that are threads: they end as if nothing had happened. */
@Timeout(90)
class RecoveryTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  @ParameterizedTest
  @CsvSource({"2, 0, 13", "3, 2, 13", "3, 1, 17", "1, 1, 9"})
  void aFailureChangesNoBitOfAParameterServer(int workers, int shards, int failAfter)
      throws IOException {
    TrainingConfig c =
        TestConfigs.with(
            TestConfigs.small(workers, 1),
            SyncConfigs.sync("strategy", "parameter-server", "shards", shards));
    Steps seen = new Steps();
    TrainingReport report =
        new TrainingJob(
                TestConfigs.recovering(c, "2 steps, 1 epochs", 1),
                TestNets::wide,
                ThreadCluster.provider(new FailingRank(workers - 1, failAfter)),
                seen)
            .run();

    assertThat(report.sync().restarts()).isEqualTo(1);
    assertThat(seen.restarts.get(0).steps()).isPositive();
    assertThat(report.weightsSha256())
        .isEqualTo(undisturbed(config(1, "never", 0)).weightsSha256());
  }

  /** The run that is disturbed here: 3 epochs of 7 steps. */
  private static TrainingConfig config(int workers, String every, int restarts) {
    TrainingConfig c =
        TestConfigs.with(TestConfigs.small(workers, 1), SyncConfigs.sync("bucket-bytes", 1 << 12));
    return TestConfigs.recovering(c, every, restarts);
  }

  private static TrainingReport undisturbed(TrainingConfig config) throws IOException {
    return new TrainingJob(
            config, TestNets::wide, ThreadCluster.provider(ThreadCluster.WORKER), SILENT)
        .run();
  }

  private static TrainingReport train(TrainingConfig config, Steps seen, int... failAfter)
      throws IOException {
    return new TrainingJob(
            config, TestNets::wide, ThreadCluster.provider(new FailingRank(1, failAfter)), seen)
        .run();
  }

  /** What a listener is told, without the steps that were done again. */
  private static final class Steps implements TrainingListener {
    private final List<String> all = new ArrayList<>();
    private final List<Restart> restarts = new ArrayList<>();

    @Override
    public void onStep(Step step) {
      all.add("%d %d %s".formatted(step.epoch(), step.step(), step.loss()));
    }

    @Override
    public void onEpoch(Epoch epoch) {
      all.add("epoch %d %s %s".formatted(epoch.epoch(), epoch.loss(), epoch.validationLoss()));
    }

    @Override
    public void onRestart(Restart restart) {
      restarts.add(restart);
      while (!all.isEmpty() && isAfter(all.get(all.size() - 1), restart)) {
        all.remove(all.size() - 1);
      }
    }

    private static boolean isAfter(String line, Restart restart) {
      String[] words = line.split(" ", -1);
      return words[0].equals("epoch")
          ? Integer.parseInt(words[1]) >= restart.epoch()
          : Long.parseLong(words[1]) >= restart.steps();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, '5 steps', 2", // before the first checkpoint
    "2, '5 steps', 13", // in the middle of an epoch
    "3, '7 steps', 8", // a checkpoint at the end of an epoch, not yet evaluated
    "2, '1 epochs', 9",
    "3, '2 steps, 1 epochs', 14", // two rules of one step, at the end of the second epoch
    "3, '1 steps, 1 epochs', 15",
    "2, 'never', 17"
  })
  void aFailureChangesNoBit(int workers, String every, int failAfter) throws IOException {
    Steps clean = new Steps();
    TrainingReport expected =
        new TrainingJob(
                config(workers, every, 0),
                TestNets::wide,
                ThreadCluster.provider(ThreadCluster.WORKER),
                clean)
            .run();
    Steps seen = new Steps();
    TrainingReport report = train(config(workers, every, 1), seen, failAfter);

    assertThat(report.sync().restarts()).isEqualTo(1);
    assertThat(seen.restarts).hasSize(1);
    assertThat(report.weightsSha256()).isEqualTo(expected.weightsSha256());
    assertThat(report.steps()).isEqualTo(21);
    assertThat(report.epochs()).isEqualTo(3);
    assertThat(report.validationLoss()).isEqualTo(expected.validationLoss());
    assertThat(report.bestValidationAccuracy()).isEqualTo(expected.bestValidationAccuracy());
    assertThat(seen.all).isEqualTo(clean.all);
  }

  @Test
  void augmentedImagesAreTheSameAfterAFailure() throws IOException {
    String steps = "crop:2 zoom:0.2 elastic-grid:1 brightness:0.2";
    TrainingConfig clean = Configs.with(config(1, "never", 0), "data.augment", steps);
    TrainingConfig failing = Configs.with(config(2, "4 steps", 1), "data.augment", steps);

    assertThat(train(failing, new Steps(), 13).weightsSha256())
        .isEqualTo(undisturbed(clean).weightsSha256());
  }

  @Test
  void workIsDoneAgainFromTheLastCheckpointOnly() throws IOException {
    Steps seen = new Steps();
    TrainingReport report = train(config(2, "5 steps", 3), seen, 13, 6);

    assertThat(report.sync().restarts()).isEqualTo(2);
    // Whether the last one came before its sender failed is a race.
    assertThat(seen.restarts.get(0).steps()).isIn(0L, 5L, 10L);
    assertThat(seen.restarts.get(1).steps())
        .isPositive()
        .isGreaterThanOrEqualTo(seen.restarts.get(0).steps());
    assertThat(report.weightsSha256())
        .isEqualTo(undisturbed(config(2, "5 steps", 0)).weightsSha256());
  }

  /** Strategies of which a part of the state is the driver's, or differs from rank to rank. */
  @ParameterizedTest
  @CsvSource({
    "2, '3 steps', driver, none, 1, false, 13",
    "3, '1 epochs', driver, none, 1, false, 16",
    "2, '2 steps', executors, int8, 1, false, 13",
    "3, '1 epochs', executors, onebit, 1, false, 16",
    "2, '1 steps', executors, topk:0.1, 1, false, 13", // behind the short batch of an epoch
    "2, '1 steps', executors, none, 3, false, 13",
    "3, '2 steps, 1 epochs', executors, none, 4, true, 17"
  })
  void stateOfRanksAndOfTheDriverIsSavedToo(
      int workers,
      String every,
      String placement,
      String compression,
      int averageEvery,
      boolean averageOptimizer,
      int failAfter)
      throws IOException {
    SyncConfig sync =
        SyncConfigs.sync(
            "strategy",
            placement.equals("driver") ? "parameter-server" : "allreduce",
            "placement",
            placement,
            "shards",
            placement.equals("driver") ? 2 : 0,
            "compression",
            compression,
            "average-every",
            averageEvery,
            "average-optimizer",
            averageOptimizer);
    TrainingConfig c = TestConfigs.with(TestConfigs.small(workers, 1), sync);
    Steps seen = new Steps();
    TrainingReport report = train(TestConfigs.recovering(c, every, 1), seen, failAfter);

    assertThat(seen.restarts).hasSize(1);
    assertThat(seen.restarts.get(0).steps()).isPositive();
    assertThat(report.weightsSha256())
        .isEqualTo(undisturbed(TestConfigs.recovering(c, "never", 0)).weightsSha256());
  }

  @Test
  void whoFailsAgainAndAgainEndsTheRunWithItsFirstCause() {
    TooManyFailuresException e =
        catchThrowableOfType(
            TooManyFailuresException.class,
            () -> train(config(2, "5 steps", 2), new Steps(), 0, 0, 0, 0));

    assertThat(e.exitCode()).isEqualTo(6);
    assertThat(e.firstCause().rank()).isEqualTo(1);
    assertThat(e)
        .hasMessageContaining("First cause: rank 1 of 2")
        .hasMessageContaining("(attempt 0)")
        .hasMessageContaining("(attempt 2)")
        .hasMessageContaining("train.restarts")
        .hasMessageContaining("after each of 2 restart(s)");
  }

  /** Ends the run at a step, as a killed driver does: with what was written until then. */
  private static final class Stop implements TrainingListener {
    private final long step;

    Stop(long step) {
      this.step = step;
    }

    @Override
    public void onStep(Step told) {
      if (told.step() == step) {
        throw new IllegalStateException("the driver stops at step " + step);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 12, 3", "3, 8, 1", "1, 20, 2", "2, 5, 1"})
  void aRunIsResumedByAnyNumberOfWorkers(int before, long step, int after, @TempDir Path folder)
      throws IOException {
    TrainingJob stopped =
        new TrainingJob(
                config(before, "3 steps, 1 epochs", 0),
                TestNets::wide,
                ThreadCluster.provider(ThreadCluster.WORKER),
                new Stop(step))
            .checkpointingIn(place(folder, false));
    assertThatThrownBy(stopped::run).hasMessageContaining("the driver stops");

    Steps seen = new Steps();
    TrainingReport report =
        new TrainingJob(
                config(after, "3 steps, 1 epochs", 0),
                TestNets::wide,
                ThreadCluster.provider(ThreadCluster.WORKER),
                seen)
            .checkpointingIn(place(folder, true))
            .run();
    TrainingReport clean = undisturbed(config(1, "never", 0));
    assertThat(report.weightsSha256()).isEqualTo(clean.weightsSha256());
    assertThat(report.validationLoss()).isEqualTo(clean.validationLoss());
    assertThat(report.steps()).isEqualTo(21);
    assertThat(seen.restarts).hasSize(1);
    assertThat(seen.restarts.get(0).steps())
        .as("steps of the checkpoint, all of which the first driver has told of")
        .isLessThanOrEqualTo(step + 1);
  }

  @ParameterizedTest
  @CsvSource({
    "driver, none, 1, 2, 3",
    "executors, int8, 1, 3, 3",
    "executors, none, 3, 2, 2",
    "executors, none, 2, 1, 1"
  })
  void whatRanksAndTheDriverKeepIsResumed(
      String placement,
      String compression,
      int averageEvery,
      int before,
      int after,
      @TempDir Path folder)
      throws IOException {
    SyncConfig sync =
        SyncConfigs.sync(
            "strategy",
            placement.equals("driver") ? "parameter-server" : "allreduce",
            "placement",
            placement,
            "compression",
            compression,
            "average-every",
            averageEvery);
    TrainingConfig c =
        TestConfigs.recovering(
            TestConfigs.with(TestConfigs.small(before, 1), sync), "2 steps, 1 epochs", 0);
    assertThatThrownBy(job(c, new Stop(12), folder, false)::run)
        .hasMessageContaining("the driver stops");

    Steps seen = new Steps();
    TrainingReport report = job(Configs.with(c, "train.workers", after), seen, folder, true).run();
    assertThat(report.weightsSha256()).isEqualTo(undisturbed(c).weightsSha256());
    assertThat(seen.restarts.get(0).steps()).isPositive();
  }

  @Test
  void stateOfRanksIsOfAsManyRanks(@TempDir Path folder) {
    TrainingConfig c =
        TestConfigs.recovering(
            TestConfigs.with(TestConfigs.small(2, 1), SyncConfigs.sync("compression", "int8")),
            "2 steps",
            0);
    assertThatThrownBy(job(c, new Stop(9), folder, false)::run)
        .hasMessageContaining("the driver stops");
    assertThatThrownBy(job(Configs.with(c, "train.workers", 3), SILENT, folder, true)::run)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("by as many workers as it is of, 2: got 3")
        .hasMessageContaining("--workers 2");
  }

  private static TrainingJob job(
      TrainingConfig config, TrainingListener listener, Path folder, boolean isResumed) {
    return new TrainingJob(
            config, TestNets::wide, ThreadCluster.provider(ThreadCluster.WORKER), listener)
        .checkpointingIn(place(folder, isResumed));
  }

  @Test
  void aRunWithoutACheckpointCannotBeResumed(@TempDir Path folder) {
    TrainingJob job =
        new TrainingJob(
                config(2, "1 epochs", 0),
                TestNets::wide,
                ThreadCluster.provider(ThreadCluster.WORKER),
                SILENT)
            .checkpointingIn(place(folder, true));
    assertThatThrownBy(job::run)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("must have a checkpoint: there is none");
  }

  private static CheckpointPlace place(Path folder, boolean isResumed) {
    return new CheckpointPlace(
        folder.resolve("checkpoints").toString(), isResumed, (network, normalize) -> Map.of());
  }
}
