package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.backdraft.driver.config.LeaseConfig;
import org.backdraft.driver.config.OptimizerConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.control.Lease;
import org.backdraft.driver.control.LeaseClient;
import org.backdraft.driver.control.LeaseSums;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.worker.WorkerTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a lease whose worker does not do as it should. */
@Timeout(90)
class LostLeaseTest {
  /** What the first start of rank 0 does with its first lease, in place of a worker. */
  private interface Misdeed {
    void with(LeaseClient leases, Lease lease, WorkerControl control) throws Exception;
  }

  private static TrainingReport trainWith(Misdeed misdeed, int leaseSeconds) throws IOException {
    SecondStart again = new SecondStart(0);
    RestartingThreads.Body body =
        (task, rank, start) -> {
          if (rank > 0 || start > 0) {
            RestartingThreads.WORKER.run(again.in(task, rank, start), rank, start);
          } else {
            misbehave(task, misdeed);
          }
        };
    return new TrainingJob(
            TestConfigs.leased(
                TestConfigs.small(2, 1, 6, 0.05f), "ssp:1", new LeaseConfig(0, leaseSeconds, 50)),
            TestNets::plain,
            ThreadCluster.restarting(body),
            new TrainingListener() {})
        .run();
  }

  private static void misbehave(WorkerTask.Leased task, Misdeed misdeed) throws Exception {
    try (WorkerControl control = WorkerControl.connect(task.gang(), 0)) {
      LeaseClient leases = new LeaseClient(control);
      leases.enroll(hello(0));
      Lease lease = leases.await();
      leases.begin(lease);
      misdeed.with(leases, lease, control);
    }
    throw new IllegalStateException("a worker that did not do as it should");
  }

  private static Hello hello(int start) {
    return new Hello(0, start, "127.0.0.1", 0, "jvm", "executor", 1, 1, "none", "", true);
  }

  private static void assertAllIsDone(TrainingReport report) {
    assertThat(report.sync().restarts()).isEqualTo(1);
    assertThat(report.sync().leasesRedone()).isEqualTo(1);
    assertThat(report.sync().leases()).isEqualTo(6L * 7 * 2);
    assertThat(report.validationAccuracy()).isGreaterThan(0.9);
  }

  @Test
  void ofAWorkerThatVanishesItIsDoneByAnother() throws IOException {
    assertAllIsDone(trainWith((leases, lease, control) -> {}, 60));
  }

  @Test
  void whoseTimeIsOverItIsDoneByAnotherAndTheWorkerIsShutOut() throws IOException {
    AtomicReference<Exception> end = new AtomicReference<>();
    TrainingReport report =
        trainWith(
            (leases, lease, control) -> {
              try {
                while (leases.await() != null) {} // until the driver ends the channel
              } catch (IOException | InterruptedException e) {
                end.set(e);
              }
            },
            1);

    assertAllIsDone(report);
    assertThat(end.get()).isNotNull();
  }

  @Test
  void thatIsSaidToBeDoneTwiceCountsOnce() throws IOException {
    TrainingReport report =
        trainWith(
            (leases, lease, control) -> {
              LeaseSums sums = new LeaseSums(lease.id(), 1, 1, 1, 1, 16, 0, 1);
              leases.done(lease, sums);
              leases.done(lease, sums);
            },
            60);

    assertThat(report.sync().leases()).isEqualTo(6L * 7 * 2);
    assertThat(report.sync().leasesRedone()).isZero();
  }

  @Test
  void isNotGivenToAStartThatCameBefore() throws IOException {
    AtomicReference<WorkerTask.Leased> seen = new AtomicReference<>();
    RestartingThreads.Body body =
        (task, rank, start) -> {
          seen.set(task);
          RestartingThreads.WORKER.run(task, rank, start + 3);
        };
    AtomicReference<Throwable> refusal = new AtomicReference<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(Step step) {
            if (step.step() == 2) {
              refusal.set(comeLate(seen.get()));
            }
          }
        };
    TrainingReport report =
        new TrainingJob(
                TestConfigs.leased(TestConfigs.small(1, 1, 3, 0.05f), "async"),
                TestNets::plain,
                ThreadCluster.restarting(body),
                listener)
            .run();

    assertThat(refusal.get()).isNotNull();
    assertThat(report.sync().leasesByWorker()).isEqualTo(List.of(21L));
  }

  /** A start of rank 0 that is not the newest; how it is turned away. */
  private static Throwable comeLate(WorkerTask.Leased task) {
    try (WorkerControl control = WorkerControl.connect(task.gang(), 0)) {
      new LeaseClient(control).enroll(hello(1));
      return null;
    } catch (IOException | InterruptedException e) {
      boolean unused = Thread.interrupted();
      return e;
    }
  }

  @Test
  void placementsAndOptimizersThatCannotWorkAreRefused() {
    TrainingConfig small = TestConfigs.small(2, 1);
    assertThatThrownBy(() -> TestConfigs.with(small, SyncConfigs.sync("consistency", "async")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("sync.strategy=parameter-server");
    for (String optimizer : List.of("lamb", "lars", "rprop")) {
      TrainingConfig with = Configs.with(small, "optimizer", OptimizerConfig.defaults(optimizer));
      assertThatThrownBy(() -> TestConfigs.leased(with, "ssp:3"))
          .as(optimizer)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining(optimizer);
    }
    assertThatThrownBy(() -> new LeaseConfig(3, 60, 50))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("sync.leases.per-batch");
  }
}
