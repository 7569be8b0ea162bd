package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.control.Divergence;
import org.backdraft.driver.control.FailureReport;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.TooManyFailuresException;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(90)
class FailureTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  private static TrainingJob job(TrainingConfig config, ThreadCluster.Body body) {
    return new TrainingJob(config, TestNets::plain, ThreadCluster.provider(body), SILENT);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aLossThatIsNotFiniteNamesStepAndLayer(int workers) {
    TrainingConfig config = TestConfigs.small(workers, 1, 3, 1e30f);

    TrainingDivergedException e =
        catchThrowableOfType(
            TrainingDivergedException.class, () -> job(config, ThreadCluster.WORKER).run());

    assertThat(e.exitCode()).isEqualTo(4);
    assertThat(e.step()).isEqualTo(1);
    assertThat(e.layer()).isEqualTo("fc1");
    assertThat(e).hasMessageContaining("step 2").hasMessageContaining("fc1");
  }

  @Test
  void aWorkerThatNeverRegistersIsNamed() {
    TrainingConfig config = TestConfigs.small(3, 1);
    CountDownLatch never = new CountDownLatch(1);
    ThreadCluster.Body body =
        (task, rank) -> {
          if (rank == 1) {
            boolean unused = never.await(90, TimeUnit.SECONDS);
            return;
          }
          ThreadCluster.WORKER.run(task, rank);
        };

    TooManyFailuresException e =
        catchThrowableOfType(TooManyFailuresException.class, () -> job(config, body).run());

    assertThat(e.exitCode()).isEqualTo(6);
    assertThat(e.firstCause().rank()).as(e.getMessage()).isEqualTo(1);
    assertThat(e)
        .hasMessageContaining("rank 1 of 3 on host 127.0.0.1")
        .hasMessageContaining("regist");
  }

  @Test
  void theTaskThatThrowsIsTheFirstCauseAndNotItsPeers() {
    TrainingConfig config = TestConfigs.small(4, 1, 100, 0.01f);
    ThreadCluster.Body body =
        (task, rank) -> {
          if (rank == 2) {
            throw new IllegalStateException("the disk is on fire");
          }
          ThreadCluster.WORKER.run(task, rank);
        };

    assertThatThrownBy(() -> job(config, body).run())
        .isInstanceOf(TooManyFailuresException.class)
        .hasMessageContaining("the disk is on fire");
  }

  /** Rank 2 misses rank 0, which has left since it missed rank 1. */
  @Test
  void accusationsAreFollowedToTheirEnd() {
    CountDownLatch others = new CountDownLatch(2);
    ThreadCluster.Body body =
        (task, rank) -> {
          try (WorkerControl control = WorkerControl.connect(task.gang(), rank)) {
            PeerTable unused = control.register(hello(rank));
            if (rank == 1) {
              boolean ended = others.await(20, TimeUnit.SECONDS);
              control.fail(report(FailureReport.Kind.STOPPED, -1, "told to stop: " + ended));
            } else {
              int missed = rank == 2 ? 0 : 1;
              control.fail(report(FailureReport.Kind.PEER, missed, "I miss rank " + missed));
              others.countDown();
            }
          }
        };

    TooManyFailuresException e =
        catchThrowableOfType(
            TooManyFailuresException.class, () -> job(TestConfigs.small(3, 1), body).run());

    assertThat(e.firstCause().rank()).as(e.getMessage()).isEqualTo(1);
    assertThat(e).hasMessageContaining("rank 0 reports: I miss rank 1");
  }

  private static Hello hello(int rank) {
    return new Hello(rank, 0, "127.0.0.1", 0, "jvm", "thread", 1, 1, "kernels", "", true);
  }

  private static FailureReport report(FailureReport.Kind kind, int peer, String message) {
    return new FailureReport(kind, 5, peer, message, Divergence.NONE, "");
  }

  @Test
  void moreWorkersThanLeavesAreRefusedWithTheValueToSet() {
    assertThatThrownBy(() -> TestConfigs.small(9, 1))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("train.leaves=16");
  }

  @Test
  void aBatchLargerThanTheDataIsRefused() {
    TrainingConfig c = TestConfigs.small(1, 1);
    TrainingConfig config = TestConfigs.on("patterned:20", c);

    assertThatThrownBy(() -> job(config, ThreadCluster.WORKER).run())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("data.batch")
        .hasMessageContaining("20");
  }
}
