package org.backdraft.driver.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.RankContext;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How batch sums and buckets follow each other; the test is the thread that computes. */
@Timeout(30)
class ExchangedBatchSumsTest {
  private static final Leaves LEAVES = new Leaves(2);
  private static final float[][] SUMS = new float[1][8];

  private final Replica replica =
      new Replica(
          Plan.compile(
              new Plan.Request(
                      Network.named("net", Shape.of(3))
                          .add("fc1", Linear.of(4).withoutBias())
                          .add("bn1", new BatchNorm2d())
                          .add("fc2", Linear.of(4).withoutBias())
                          .add("bn2", new BatchNorm2d())
                          .add("fc3", Linear.of(2).withoutBias())
                          .build(),
                      Loss.SOFTMAX_CROSS_ENTROPY,
                      LEAVES,
                      LEAVES.rangeOf(0, 2),
                      1,
                      1,
                      0)
                  .with(new Plan.Options(1, true)),
              KernelLookup.choose().kernels()));

  /** A block for each tensor: weights from 0, 20 and 44; scales and shifts from 12, 16, 36, 40. */
  private final Buckets buckets =
      Buckets.of(new ParameterBlocks(replica.plan().parameterTable()), 1);

  private final ExchangeRecorder recorder = new ExchangeRecorder();
  private final OverlappedExchange exchange =
      new OverlappedExchange(
          new GangExchange(
              replica,
              recorder,
              recorder,
              new RankContext(0, 2, 0),
              buckets,
              buckets.owned(recorder, 0),
              replica.plan().kernels().update()::isFinite),
          buckets,
          replica.plan(),
          0);

  private final ExecutorService threads =
      Executors.newSingleThreadExecutor(new NamedThreadFactory("test-pass"));

  @BeforeEach
  void startStep() throws Exception {
    exchange.start(3);
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    exchange.close();
    replica.close();
    assertThat(SyncGang.exchangeThreads()).isEmpty();
  }

  private Future<?> addBackward() {
    return threads.submit(
        () -> {
          exchange.add(SUMS, 8, true);
          return null;
        });
  }

  @Test
  void theOrderIsThatOfTheNetwork() {
    int[] before = {0, 12, 16, 20, 36, 40, 44};
    int[] expected = {2, 2, 2, 2, 1, 1, 1};
    for (int i = 0; i < before.length; i++) {
      assertThat(replica.plan().batchSumsBefore(before[i])).isEqualTo(expected[i]);
      // Also of what lies within a tensor.
      assertThat(replica.plan().batchSumsBefore(before[i] + 3)).isEqualTo(expected[i]);
    }
  }

  @Test
  void batchSumsOfAForwardPassWaitForNothing() throws Exception {
    for (int time = 0; time < 4; time++) {
      exchange.add(SUMS, 4, false);
      recorder.assertNext("share 0-4 @3");
      recorder.assertNothingElse();
    }
  }

  @Test
  void aBucketWaitsForTheBatchSumsBeforeIt() throws Exception {
    exchange.finalFrom(44);
    recorder.assertNothingElse();
    exchange.add(SUMS, 8, true);
    recorder.assertNext("share 0-8 @3");
    recorder.assertNext("reduce 44-52 @3");
    exchange.finalFrom(16);
    recorder.assertNext("reduce 40-44 @3");
    recorder.assertNext("reduce 36-40 @3");
    // The weights between both layers, and what is final before them, come after the second sums.
    recorder.assertNothingElse();
    exchange.add(SUMS, 8, true);
    recorder.assertNext("share 0-8 @3");
    recorder.assertNext("reduce 20-36 @3");
    recorder.assertNext("reduce 16-20 @3");
    exchange.finalFrom(0);
    recorder.assertNext("reduce 12-16 @3");
    recorder.assertNext("reduce 0-12 @3");
    exchange.awaitSums();
    recorder.assertNext("tail 52-75 @3");
  }

  @Test
  void batchSumsWaitForTheBucketsBeforeThem() throws Exception {
    Semaphore permits = new Semaphore(0);
    recorder.holdBuckets(permits);
    exchange.add(SUMS, 8, true);
    recorder.assertNext("share 0-8 @3");
    exchange.finalFrom(20);
    recorder.assertNext("reduce 44-52 @3");
    Future<?> second = addBackward();
    recorder.assertNothingElse();
    permits.release();
    recorder.assertNext("reduce 40-44 @3");
    recorder.assertNothingElse();
    permits.release();
    recorder.assertNext("reduce 36-40 @3");
    recorder.assertNothingElse();
    assertThat(second.isDone()).isFalse();
    permits.release(10);
    recorder.assertNext("share 0-8 @3");
    recorder.assertNext("reduce 20-36 @3");
    assertThat(second.get(20, TimeUnit.SECONDS)).isNull();
  }

  @Test
  void aBucketThatCannotBeFinalInTimeIsAnErrorAndNoDeadlock() throws Exception {
    exchange.add(SUMS, 8, true);
    assertThatThrownBy(() -> exchange.add(SUMS, 8, true))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Bucket 0 must be final before batch sums 1");
  }

  @Test
  void whatEndsTheThreadIsThrownToAPassThatWaits() throws Exception {
    exchange.add(SUMS, 8, true);
    recorder.assertNext("share 0-8 @3");
    recorder.failWith(new IllegalArgumentException("an odd number of floats"));
    exchange.finalFrom(36);
    assertThatThrownBy(() -> exchange.add(SUMS, 8, true)).isSameAs(recorder.failure());
  }

  @Test
  void aPassThatWaitsCanBeInterrupted() throws Exception {
    Semaphore permits = new Semaphore(0);
    recorder.holdBuckets(permits);
    exchange.add(SUMS, 8, true);
    exchange.finalFrom(36);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> exchange.add(SUMS, 8, true)).isInstanceOf(InterruptedException.class);
    permits.release(10);
  }
}
