package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.backdraft.driver.config.LeaseConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.RunInterruptedException;
import org.backdraft.driver.failure.TooManyFailuresException;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.nn.Network;
import org.backdraft.tensor.ParameterTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs with {@code ssp} and {@code async}, by workers that are threads. */
@Timeout(90)
class LeaseTrainingTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  private static TrainingReport train(
      TrainingConfig config, NetworkFactory net, RestartingThreads.Body body) throws IOException {
    return new TrainingJob(config, net, ThreadCluster.restarting(body), SILENT).run();
  }

  @ParameterizedTest
  @CsvSource({"async, 1", "async, 3", "ssp:0, 2", "ssp:2, 3"})
  void learnsThePatterns(String consistency, int workers) throws IOException {
    TrainingReport report =
        train(
            TestConfigs.leased(TestConfigs.small(workers, 1, 6, 0.05f), consistency),
            TestNets::normalized,
            RestartingThreads.WORKER);

    assertThat(report.validationAccuracy()).isGreaterThan(0.9);
    assertThat(report.steps()).isEqualTo(6 * 7);
    assertThat(report.epochs()).isEqualTo(6);
    SyncReport sync = report.sync();
    assertThat(sync.leases()).isEqualTo(6L * 7 * Integer.highestOneBit(2 * workers - 1));
    assertThat(List.of(sync.leasesRedone(), sync.lostUpdates(), (long) sync.restarts()))
        .containsOnly(0L);
  }

  @ParameterizedTest
  @CsvSource({"async, 1", "ssp:1, 3"})
  void learnsWithShardsBesideWorkers(String consistency, int workers) throws IOException {
    TrainingReport report =
        train(
            TestConfigs.leased(
                TestConfigs.small(workers, 1, 6, 0.05f),
                consistency,
                "executors",
                new LeaseConfig(0, 60, 5)),
            TestNets::normalized,
            RestartingThreads.WORKER);

    assertThat(report.validationAccuracy()).isGreaterThan(0.9);
    assertThat(report.sync().lostUpdates()).isZero();
    assertThat(report.sync().leases()).isEqualTo(6L * 7 * Integer.highestOneBit(2 * workers - 1));
  }

  @ParameterizedTest
  @CsvSource({"async", "ssp:1"})
  void lostShardsGoOnFromTheLastCopyBesideOthers(String consistency) throws IOException {
    // Rank 0 keeps the only block of the table; it fails when it has read its 60th block.
    SecondStart again = new SecondStart(0);
    RestartingThreads.Body body =
        (task, rank, start) ->
            RestartingThreads.WORKER.run(
                rank > 0 || start > 0 ? again.in(task, rank, start) : burning(task, 60),
                rank,
                start);

    TrainingReport report =
        train(
            TestConfigs.leased(
                TestConfigs.small(3, 1, 12, 0.05f),
                consistency,
                "executors",
                new LeaseConfig(0, 60, 4)),
            TestNets::normalized,
            body);

    assertThat(report.sync().restarts()).isEqualTo(1);
    assertThat(report.sync().leases()).isEqualTo(12L * 7 * 4);
    // A copy is due after 12 leases, and takes until the slowest worker has completed one more.
    assertThat(report.sync().lostUpdates()).isBetween(0L, 60L);
    assertThat(report.validationAccuracy()).isGreaterThan(0.9);
  }

  @Test
  void oneWorkerWithWholeBatchesGivesTheWeightsOfAnAllReduce() throws IOException {
    TrainingConfig config = TestConfigs.small(1, 1);

    TrainingReport leased =
        train(TestConfigs.leased(config, "async"), TestNets::plain, RestartingThreads.WORKER);
    TrainingReport reduced =
        new TrainingJob(
                config, TestNets::plain, ThreadCluster.provider(ThreadCluster.WORKER), SILENT)
            .run();

    assertThat(leased.weightsSha256()).isEqualTo(reduced.weightsSha256());
    assertThat(leased.validationLoss()).isEqualTo(reduced.validationLoss());
  }

  @Test
  void tellsEveryStepAndEpochInOrder() throws IOException {
    List<String> seen = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStart(Start start) {
            seen.add("start");
          }

          @Override
          public void onStep(Step step) {
            seen.add("step " + step.epoch() + " " + step.step());
            assertThat(step.loss()).isFinite().isPositive();
            assertThat(step.examplesPerSecond()).isPositive();
          }

          @Override
          public void onEpoch(Epoch epoch) {
            seen.add("epoch " + epoch.epoch() + " " + epoch.step());
          }
        };
    TrainingReport unused =
        new TrainingJob(
                TestConfigs.leased(TestConfigs.small(3, 1, 2, 0.05f), "async"),
                TestNets::plain,
                ThreadCluster.restarting(RestartingThreads.WORKER),
                listener)
            .run();

    List<String> expected = new ArrayList<>(List.of("start"));
    for (int step = 0; step < 14; step++) {
      expected.add("step " + step / 7 + " " + step);
      if (step % 7 == 6) {
        expected.add("epoch " + step / 7 + " " + step);
      }
    }
    assertThat(seen).isEqualTo(expected);
  }

  /** Waits 10 ms before each block that rank 0 reads, of which it keeps none. */
  private static RestartingThreads.Body slowRankZero() {
    return (task, rank, start) ->
        RestartingThreads.WORKER.run(
            rank > 0
                ? task
                : StagedBlocks.in(
                    task, asked -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10))),
            rank,
            start);
  }

  @Test
  void aSlowWorkerGetsFewerLeasesAndHoldsNobodyBack() throws IOException {
    TrainingReport report =
        train(
            TestConfigs.leased(
                TestConfigs.small(3, 1, 6, 0.05f), "async", new LeaseConfig(8, 60, 50)),
            TestNets::plain,
            slowRankZero());

    List<Long> leases = report.sync().leasesByWorker();
    assertThat(leases.get(0)).as(leases.toString()).isLessThan(leases.get(1));
    assertThat(leases.get(0)).as(leases.toString()).isLessThan(leases.get(2));
    assertThat(report.sync().widestLead()).isGreaterThan(1);
    assertThat(report.validationAccuracy()).isGreaterThan(0.9);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "3"})
  void nobodyIsFurtherAheadThanTheStaleness(int staleness) throws IOException {
    TrainingReport report =
        train(
            TestConfigs.leased(
                TestConfigs.small(3, 1, 4, 0.05f), "ssp:" + staleness, new LeaseConfig(8, 60, 50)),
            TestNets::plain,
            slowRankZero());

    assertThat(report.sync().widestLead()).isLessThanOrEqualTo(staleness);
    assertThat(report.sync().leases()).isEqualTo(4L * (6 * 8 + 8));
  }

  /** A task whose reading fails after so many blocks. */
  private static WorkerTask.Leased burning(WorkerTask.Leased task, int blocks) {
    return StagedBlocks.in(
        task,
        asked -> {
          if (asked == blocks) {
            throw new IllegalStateException("the disk is on fire");
          }
        });
  }

  @ParameterizedTest
  @CsvSource({"async", "ssp:1"})
  void aWorkerThatFailsIsStartedAgainAndItsLeasesAreDone(String consistency) throws IOException {
    SecondStart again = new SecondStart(1);
    RestartingThreads.Body body =
        (task, rank, start) ->
            RestartingThreads.WORKER.run(
                rank != 1 || start > 0 ? again.in(task, rank, start) : burning(task, 12),
                rank,
                start);

    TrainingReport report =
        train(
            TestConfigs.leased(TestConfigs.small(2, 1, 6, 0.05f), consistency),
            TestNets::normalized,
            body);

    assertThat(report.sync().restarts()).isEqualTo(1);
    assertThat(report.sync().leases()).isEqualTo(6L * 7 * 2);
    assertThat(report.validationAccuracy()).isGreaterThan(0.9);
  }

  @Test
  void aWorkerThatFailsTooOftenEndsTheRunWithItsFirstCause() {
    RestartingThreads.Body body =
        (task, rank, start) ->
            RestartingThreads.WORKER.run(
                rank != 1
                    ? StagedBlocks.in(
                        task, asked -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20)))
                    : StagedBlocks.in(
                        task,
                        asked -> {
                          throw new IllegalStateException("fire number " + start);
                        }),
                rank,
                start);

    TooManyFailuresException e =
        catchThrowableOfType(
            TooManyFailuresException.class,
            () ->
                train(
                    TestConfigs.leased(TestConfigs.small(2, 1, 1000, 0.05f), "async"),
                    TestNets::plain,
                    body));

    assertThat(e.exitCode()).isEqualTo(6);
    assertThat(e.firstCause().rank()).isEqualTo(1);
    assertThat(e)
        .hasMessageContaining("fire number 0")
        .hasMessageContaining("3 more")
        .hasMessageContaining("spark.task.maxFailures");
  }

  @Test
  void aLossThatIsNotFiniteEndsTheRunAtOnce() {
    // Not by a learning rate: what the first of two updates leaves to the second is a race.
    TrainingJob job =
        new TrainingJob(
                TestConfigs.leased(TestConfigs.small(2, 1, 3, 0.05f), "async"),
                TestNets::plain,
                ThreadCluster.restarting(RestartingThreads.WORKER),
                SILENT)
            .startingWith(LeaseTrainingTest::overflowingAtTheEnd);

    assertThatThrownBy(job::run)
        .isInstanceOf(TrainingDivergedException.class)
        .hasMessageContaining("fc1");
  }

  private static Weights overflowingAtTheEnd(Network network) {
    float[] parameters = new float[network.parameterTable().size()];
    Arrays.fill(parameters, 1);
    for (ParameterTable.Entry entry : network.parameterTable().entries()) {
      if (entry.name().equals("fc1.weight")) {
        Arrays.fill(parameters, entry.begin(), entry.end(), Float.MAX_VALUE);
      }
    }
    return new Weights(parameters, new float[network.bufferTable().size()]);
  }

  @Test
  void anInterruptedRunEndsAndLeavesNoThreads() throws InterruptedException {
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(Step step) {
            if (step.step() == 5) {
              Thread.currentThread().interrupt();
            }
          }
        };
    TrainingJob job =
        new TrainingJob(
            TestConfigs.leased(TestConfigs.small(3, 1, 1000, 0.05f), "ssp:1"),
            TestNets::plain,
            ThreadCluster.restarting(RestartingThreads.WORKER),
            listener);

    assertThatThrownBy(job::run).isInstanceOf(RunInterruptedException.class);

    assertThat(Thread.interrupted()).isTrue();
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!running().isEmpty() && System.nanoTime() < endNanos) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(running()).isEmpty();
  }

  private static List<String> running() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.matches("backdraft-(shard|control|loader|test-rank).*"))
        .toList();
  }
}
