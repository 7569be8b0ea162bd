package org.backdraft.driver.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.Semaphore;
import org.backdraft.comm.RankContext;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When each exchange of a step happens; the test is the thread that computes. */
@Timeout(30)
class OverlappedExchangeTest {
  private static final Leaves LEAVES = new Leaves(2);

  private final Replica replica =
      new Replica(
          Plan.compile(
              new Plan.Request(
                  Network.named("net", Shape.of(1, 2, 2))
                      .add("flatten", new Flatten())
                      .add("fc1", Linear.of(3))
                      .add("fc2", Linear.of(2))
                      .build(),
                  Loss.SOFTMAX_CROSS_ENTROPY,
                  LEAVES,
                  LEAVES.rangeOf(0, 2),
                  1,
                  1,
                  0),
              KernelLookup.choose().kernels()));

  /** Four tensors, a block each: elements 0, 12, 15, 21 and 23 are borders. */
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

  @AfterEach
  void close() {
    exchange.close();
    replica.close();
    assertThat(SyncGang.exchangeThreads()).isEmpty();
  }

  @Test
  void eachBucketIsExchangedAsSoonAsItCanBe() throws Exception {
    for (long step = 5; step < 8; step++) {
      exchange.start(step);
      recorder.assertNothingElse();
      exchange.finalFrom(22);
      recorder.assertNothingElse();
      exchange.finalFrom(21);
      recorder.assertNext("reduce 21-23 @" + step);
      recorder.assertNothingElse();
      exchange.finalFrom(12);
      recorder.assertNext("reduce 15-21 @" + step);
      recorder.assertNext("reduce 12-15 @" + step);
      recorder.assertNothingElse();
      exchange.finalFrom(0);
      recorder.assertNext("reduce 0-12 @" + step);
      recorder.assertNothingElse();
      exchange.awaitSums();
      recorder.assertNext("tail 23-30 @" + step);
      recorder.assertNothingElse();
      exchange.share(new double[][] {new double[4]});
      recorder.assertNext("share 0-16 @" + step);
      exchange.updated(3);
      recorder.assertNext("gather 0-12 @" + step);
      recorder.assertNothingElse();
      exchange.updated(2);
      exchange.updated(1);
      recorder.assertNext("gather 12-15 @" + step);
      recorder.assertNext("gather 15-21 @" + step);
      exchange.await(21);
      exchange.updated(0);
      exchange.await(23);
      recorder.assertNext("gather 21-23 @" + step);
      recorder.assertNothingElse();
    }
  }

  @Test
  void theNextStepBeginsWhileParametersAreOnTheirWay() throws Exception {
    Semaphore permits = new Semaphore(0);
    recorder.holdGathers(permits);
    exchange.start(5);
    exchange.finalFrom(0);
    exchange.awaitSums();
    recorder.assertNext("reduce 21-23 @5");
    recorder.assertNext("reduce 15-21 @5");
    recorder.assertNext("reduce 12-15 @5");
    recorder.assertNext("reduce 0-12 @5");
    recorder.assertNext("tail 23-30 @5");
    for (int range = 3; range >= 0; range--) {
      exchange.updated(range);
    }
    recorder.assertNext("gather 0-12 @5");
    assertIsOnItsWay(1);
    exchange.start(6);
    permits.release();
    exchange.await(12);
    recorder.assertNext("gather 12-15 @5");
    assertIsOnItsWay(13);
    exchange.finalFrom(0);
    recorder.assertNothingElse();
    permits.release(3);
    exchange.await(23);
    recorder.assertNext("gather 15-21 @5");
    recorder.assertNext("gather 21-23 @5");
    recorder.assertNext("reduce 21-23 @6");
  }

  /** A wait that need not wait would not see that it is interrupted. */
  private void assertIsOnItsWay(int end) {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> exchange.await(end)).isInstanceOf(InterruptedException.class);
  }

  @Test
  void whatEndsTheThreadIsThrownToWhoWaits() throws Exception {
    exchange.start(0);
    recorder.failWith(new IllegalArgumentException("an odd number of floats"));
    exchange.finalFrom(0);
    for (int time = 0; time < 2; time++) {
      assertThatThrownBy(exchange::awaitSums).isSameAs(recorder.failure());
      assertThatThrownBy(() -> exchange.await(23)).isSameAs(recorder.failure());
    }
    assertThatThrownBy(() -> exchange.start(1)).isSameAs(recorder.failure());
  }

  @Test
  void whoWaitsCanBeInterrupted() throws Exception {
    exchange.start(0);
    exchange.finalFrom(0);
    exchange.awaitSums();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> exchange.await(23)).isInstanceOf(InterruptedException.class);
  }

  @Test
  void aClosedExchangeStartsNoStep() throws Exception {
    exchange.close();
    assertThatThrownBy(() -> exchange.start(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("backdraft-exchange-of-rank-0");
  }
}
