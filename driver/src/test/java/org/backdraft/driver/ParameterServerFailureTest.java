package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.backdraft.data.BlockStore;
import org.backdraft.data.RecordBlock;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.TooManyFailuresException;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.backdraft.driver.worker.BlockSource;
import org.backdraft.driver.worker.DataSpec;
import org.backdraft.driver.worker.WorkerTask;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How runs with a parameter server end that cannot go on. */
@Timeout(90)
class ParameterServerFailureTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  private static TrainingJob job(TrainingConfig config, ThreadCluster.Body body) {
    return new TrainingJob(config, TestNets::plain, ThreadCluster.provider(body), SILENT);
  }

  @ParameterizedTest
  @CsvSource({"executors, 1", "executors, 3", "driver, 3"})
  void aLossThatIsNotFiniteNamesStepAndLayer(String placement, int workers) {
    TrainingConfig config =
        TestConfigs.withParameterServer(TestConfigs.small(workers, 1, 3, 1e30f), placement, 0);

    TrainingDivergedException e =
        catchThrowableOfType(
            TrainingDivergedException.class, () -> job(config, ThreadCluster.WORKER).run());

    assertThat(e.step()).isEqualTo(1);
    assertThat(e.layer()).isEqualTo("fc1");
  }

  /** A rank that left would take its shard along, and another could not tell its layer. */
  @RepeatedTest(5)
  void allRanksSeeALossThatIsNotFinite() {
    TrainingConfig config =
        TestConfigs.withParameterServer(TestConfigs.small(4, 1, 3, 1e30f), "executors", 0);
    Queue<String> ends = new ConcurrentLinkedQueue<>();
    ThreadCluster.Body body =
        (task, rank) -> {
          try {
            ThreadCluster.WORKER.run(task, rank);
          } catch (Exception e) {
            ends.add(e.getClass().getSimpleName());
            throw e;
          }
        };

    assertThatThrownBy(() -> job(config, body).run()).isInstanceOf(TrainingDivergedException.class);

    assertThat(ends).hasSize(4).containsOnly("DivergedException");
  }

  /** A rank to whose reads of data something happens after some blocks, in mid training. */
  private static ThreadCluster.Body faulty(int faultyRank, Fault fault) {
    return (task, rank) -> {
      WorkerTask.Train t = (WorkerTask.Train) task;
      DataSpec d = t.training();
      BlockSource blocks =
          cacheBytes -> {
            BlockStore store = d.blocks().open(cacheBytes);
            return rank == faultyRank ? new FaultyStore(store, fault) : store;
          };
      ThreadCluster.WORKER.run(
          new WorkerTask.Train(
              t.gang(),
              t.model(),
              new DataSpec(blocks, d.plan(), d.decoder(), d.cacheBytes()),
              t.validation(),
              t.course(),
              t.updates(),
              t.sync(),
              t.rate(),
              t.continuity(),
              t.health()),
          rank);
    };
  }

  private interface Fault {
    void happen() throws IOException;
  }

  private static final class FaultyStore implements BlockStore {
    private static final int GOOD_BLOCKS = 40;

    private final BlockStore store;
    private final Fault fault;
    private final AtomicInteger reads = new AtomicInteger();

    FaultyStore(BlockStore store, Fault fault) {
      this.store = store;
      this.fault = fault;
    }

    @Override
    public RecordBlock block(int index) throws IOException {
      if (reads.incrementAndGet() > GOOD_BLOCKS) {
        fault.happen();
      }
      return store.block(index);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"executors", "driver"})
  void aWorkerThatFallsSilentIsNamedWithinTwiceTheDeadline(String placement) {
    int deadlineSeconds = 2;
    TrainingConfig config =
        TestConfigs.with(
            TestConfigs.small(3, 1, 100, 0.01f),
            SyncConfigs.sync(
                "strategy",
                "parameter-server",
                "placement",
                placement,
                "timeout-seconds",
                60,
                "step-timeout-seconds",
                deadlineSeconds));
    CountDownLatch over = new CountDownLatch(1);
    Fault silence = () -> awaitUninterrupted(over);
    long startNanos = System.nanoTime();

    TooManyFailuresException e =
        catchThrowableOfType(
            TooManyFailuresException.class, () -> job(config, faulty(1, silence)).run());

    over.countDown();
    assertThat(e).isNotNull();
    assertThat(e.firstCause().rank()).as(e.getMessage()).isEqualTo(1);
    assertThat(e)
        .hasMessageContaining("in pull at clock")
        .hasMessageContaining("it waits for worker 1 at clock");
    // Start, twice the deadline, the driver's inquiry, and the end of the stalled task.
    assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(30));
  }

  private static void awaitUninterrupted(CountDownLatch latch) throws IOException {
    try {
      boolean unused = latch.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("told to stop");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"executors", "driver"})
  void theTaskThatFailsIsTheFirstCauseAndNotItsPeers(String placement) {
    TrainingConfig config =
        TestConfigs.withParameterServer(TestConfigs.small(3, 1, 100, 0.01f), placement, 0);
    Fault fire =
        () -> {
          throw new IOException("the disk is on fire");
        };

    TooManyFailuresException e =
        catchThrowableOfType(
            TooManyFailuresException.class, () -> job(config, faulty(2, fire)).run());

    assertThat(e.firstCause().rank()).as(e.getMessage()).isEqualTo(2);
    assertThat(e).hasMessageContaining("the disk is on fire");
  }
}
