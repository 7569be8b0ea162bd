package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.backdraft.driver.config.SyncConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.RunInterruptedException;
import org.backdraft.driver.worker.WorkerTask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that are told to stop, by workers that are threads. */
@Timeout(60)
class StopTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  /** So many that a run cannot end before it hears. */
  private static final int EPOCHS = 50;

  private static String clean; // the digest of the run that nobody stops

  @TempDir Path folder;

  @BeforeAll
  static void train() throws IOException {
    clean =
        new TrainingJob(
                config(2, "never", SyncConfigs.sync(), EPOCHS),
                TestNets::wide,
                ThreadCluster.provider(ThreadCluster.WORKER),
                SILENT)
            .run()
            .weightsSha256();
  }

  /** Asks the run to stop when it is told of a step. */
  private static final class AskAt implements TrainingListener {
    private final StopRequest request;
    private final long step;

    AskAt(StopRequest request, long step) {
      this.request = request;
      this.step = step;
    }

    @Override
    public void onStep(Step told) {
      if (told.step() == step) {
        request.ask();
      }
    }
  }

  private static TrainingConfig config(int workers, String every, SyncConfig sync, int epochs) {
    TrainingConfig c = TestConfigs.with(TestConfigs.small(workers, 1, epochs, 0.05f), sync);
    return TestConfigs.recovering(c, every, 2);
  }

  private TrainingJob job(
      TrainingConfig config, StopRequest request, TrainingListener listener, boolean isResumed) {
    return new TrainingJob(
            config, TestNets::wide, ThreadCluster.provider(ThreadCluster.WORKER), listener)
        .checkpointingIn(place(isResumed))
        .stoppingBy(request);
  }

  private CheckpointPlace place(boolean isResumed) {
    return new CheckpointPlace(
        folder.resolve("checkpoints").toString(), isResumed, (network, normalize) -> Map.of());
  }

  private static RunInterruptedException stopped(TrainingJob job) {
    return catchThrowableOfType(RunInterruptedException.class, job::run);
  }

  @ParameterizedTest
  @CsvSource({
    "allreduce, 2, '100 steps', 3",
    "allreduce, 3, '1 epochs', 0",
    "allreduce, 1, '1 steps, 1 epochs', 6", // about the end of an epoch, where it is saved anyway
    "parameter-server, 3, '100 steps', 10",
    "driver, 2, '100 steps', 10"
  })
  void stopsAfterItsStepAndGoesOnFromThere(String strategy, int workers, String every, long step)
      throws IOException {
    boolean isInDriver = strategy.equals("driver");
    SyncConfig sync =
        SyncConfigs.sync(
            "strategy",
            isInDriver ? "parameter-server" : strategy,
            "placement",
            isInDriver ? "driver" : "executors");
    TrainingConfig c = config(workers, every, sync, EPOCHS);
    StopRequest request = new StopRequest();
    RunInterruptedException e = stopped(job(c, request, new AskAt(request, step), false));

    assertThat(e).hasMessageContaining("where it is saved");
    assertThat(e.exitCode()).isEqualTo(130);
    long[] from = new long[1];
    TrainingListener resumed =
        new TrainingListener() {
          @Override
          public void onRestart(Restart restart) {
            from[0] = restart.steps();
          }
        };
    TrainingReport report =
        job(Configs.with(c, "train.workers", 2), new StopRequest(), resumed, true).run();
    assertThat(from[0]).isGreaterThan(step);
    assertThat(e).hasMessageContaining("after step " + from[0] + ",");
    assertThat(report.weightsSha256()).isEqualTo(clean);
    assertThat(report.steps()).isEqualTo(EPOCHS * 7);
  }

  @ParameterizedTest
  @CsvSource({"allreduce, bsp", "parameter-server, async", "parameter-server, ssp:1"})
  void saysThatNothingIsSaved(String strategy, String consistency) {
    SyncConfig sync =
        SyncConfigs.sync(
            "strategy", strategy, "consistency", consistency, "placement", "executors");
    StopRequest request = new StopRequest();
    TrainingConfig c = config(2, "never", sync, 200);
    RunInterruptedException e = stopped(job(c, request, new AskAt(request, 3), false));

    assertThat(e)
        .hasMessageContaining("Nothing is saved of it")
        .hasMessageContaining("checkpoint.every is never");
  }

  @Test
  void doesNotWaitLongerThanItsGrace() {
    CountDownLatch never = new CountDownLatch(1);
    StopRequest request = new StopRequest();
    TrainingListener stuck =
        new TrainingListener() {
          @Override
          public void onStep(Step step) {
            if (step.step() == 2) {
              request.ask();
            } else if (step.step() > 2) {
              awaitForEver(never);
            }
          }
        };
    TrainingConfig c =
        Configs.with(
            config(2, "1 epochs", SyncConfigs.sync(), EPOCHS), "checkpoint.stop-seconds", 1);
    RunInterruptedException e = stopped(job(c, request, stuck, false));

    assertThat(e).hasMessageContaining("told to stop");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  private static void awaitForEver(CountDownLatch never) {
    try {
      never.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("A listener was interrupted.", e);
    }
  }

  @Test
  void stopsAtOnceWhereItDoesNotTrain() {
    StopRequest request = new StopRequest(Duration.ofMillis(100));
    request.ask();
    CountDownLatch never = new CountDownLatch(1);
    Cluster.Provider slow =
        ThreadCluster.provider(
            asked -> {
              awaitForEver(never);
              return new ThreadCluster(asked, ThreadCluster.WORKER);
            });
    TrainingJob job =
        new TrainingJob(TestConfigs.small(2, 1), TestNets::wide, slow, SILENT).stoppingBy(request);

    assertThat(stopped(job)).hasMessageContaining("while it did not train");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void aFailureWhileItStopsIsNoReasonToStartAgain() {
    StopRequest request = new StopRequest();
    ThreadCluster.Body asksAndFails =
        (task, rank) ->
            ThreadCluster.WORKER.run(
                rank == 1
                    ? StagedBlocks.in(
                        (WorkerTask.Train) task,
                        asked -> {
                          if (asked > 9) {
                            request.ask();
                            throw new IOException("the disk is on fire");
                          }
                        })
                    : task,
                rank);
    TrainingJob job =
        new TrainingJob(
                config(2, "100 steps", SyncConfigs.sync(), EPOCHS),
                TestNets::wide,
                ThreadCluster.provider(asksAndFails),
                SILENT)
            .checkpointingIn(place(false))
            .stoppingBy(request);

    assertThat(stopped(job))
        .hasMessageContaining("was not saved: before its step was done")
        .hasMessageContaining("the disk is on fire");
  }
}
