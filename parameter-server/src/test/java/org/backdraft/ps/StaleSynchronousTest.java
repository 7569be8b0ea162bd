package org.backdraft.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.local.LocalChannel;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class StaleSynchronousTest {
  private static final long SEED = Long.getLong("tests.seed", 20260505L);
  private static final int SIZE = 20_000;
  private static final Duration LONG = Duration.ofSeconds(20);

  private static Table table(String consistency, int workers, int shards) {
    return new Table(
        ShardPlan.of(0, shards, SIZE, 5000, BlockBorders.uniform()),
        settings(consistency, workers),
        Table.SUM,
        new float[SIZE]);
  }

  private static ShardSettings settings(String consistency, int workers) {
    return new ShardSettings(Consistency.parse(consistency), workers, new Leaves(8), 0, 0);
  }

  /** Whole numbers, so that the sum is exact in any order. */
  private static float[] gradient(int worker, long clock) {
    float[] gradient = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      gradient[i] = 1 + worker + (i + clock) % 7;
    }
    return gradient;
  }

  private static float[] expected(int workers, long steps) {
    float[] sum = new float[SIZE];
    for (int worker = 0; worker < workers; worker++) {
      for (long clock = 0; clock < steps; clock++) {
        Table.ADDER.add(sum, 0, gradient(worker, clock), 0, SIZE);
      }
    }
    return sum;
  }

  private static void step(int worker, ParameterClient client, long clock, float[] parameters)
      throws Exception {
    client.pull(clock, parameters);
    client.push(clock, new float[][] {gradient(worker, clock)}, new float[][] {{}});
    client.complete(clock);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void clocksNeverDifferByMoreThanTheStaleness(int staleness) throws Exception {
    int workers = 4;
    int steps = 40;
    AtomicLongArray completed = new AtomicLongArray(workers);
    AtomicLong widest = new AtomicLong();
    try (Table table = table("ssp:" + staleness, workers, 2)) {
      table.run(
          (worker, client) -> {
            Random random = new Random(SEED + worker);
            float[] parameters = new float[SIZE];
            for (long clock = 0; clock < steps; clock++) {
              client.pull(clock, parameters);
              for (int other = 0; other < workers; other++) {
                widest.accumulateAndGet(clock - completed.get(other), Math::max);
              }
              LockSupport.parkNanos(random.nextInt(3_000_000));
              client.push(clock, new float[][] {gradient(worker, clock)}, new float[][] {{}});
              completed.set(worker, clock + 1);
              client.complete(clock);
            }
            client.finish();
          });
      assertThat(widest.get()).as("-Dtests.seed=%d", SEED).isLessThanOrEqualTo(staleness);
      Table.assertBits(table.values(), expected(workers, steps));
    }
  }

  @Test
  void aFastWorkerWaitsExactlyAtTheStaleness() throws Exception {
    try (Table table = table("ssp:2", 2, 1);
        ParameterClient fast = table.client(0, Duration.ofMillis(400));
        ParameterClient slow = table.client(1, LONG)) {
      float[] parameters = new float[SIZE];
      for (long clock = 0; clock <= 2; clock++) {
        step(0, fast, clock, parameters);
      }
      assertThatThrownBy(() -> fast.pull(3, parameters))
          .isInstanceOf(ShardException.Timeout.class)
          .hasMessageContaining("it waits for worker 1 at clock 0");
      step(1, slow, 0, new float[SIZE]);
      fast.pull(3, parameters);
      // A worker that has finished holds nobody back.
      slow.finish();
      fast.complete(50);
      fast.pull(51, parameters);
    }
  }

  @Test
  void asyncWaitsForNobody() throws Exception {
    try (Table table = table("async", 2, 2);
        ParameterClient client = table.client(0, LONG)) {
      float[] parameters = new float[SIZE];
      for (long clock = 0; clock < 20; clock++) {
        step(0, client, clock, parameters);
      }
      Table.assertBits(table.values(), expected(1, 20));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ssp:2", "async"})
  void lostDoubledAndReorderedPushesCountOnce(String consistency) throws Exception {
    ClientSettings quick =
        new ClientSettings(Duration.ofSeconds(30), Duration.ofMillis(10), 100_000);
    AtomicLong seed = new AtomicLong(SEED);
    int steps = 30;
    try (Table table = table(consistency, 3, 2)) {
      table.run(
          quick,
          channel -> new FlakyChannel(channel, seed.incrementAndGet()),
          (worker, client) -> {
            float[] parameters = new float[SIZE];
            for (long clock = 0; clock < steps; clock++) {
              step(worker, client, clock, parameters);
            }
          });
      Table.assertBits(table.values(), expected(3, steps));
      assertThat(table.duplicates()).isPositive();
    }
  }

  @Test
  void aLostWorkerIsFencedAndItsNextStartJoins() throws Exception {
    try (Table table = table("ssp:1", 2, 2);
        ParameterClient old = table.client(1, LONG);
        ParameterClient other = table.client(0, LONG)) {
      float[] parameters = new float[SIZE];
      step(1, old, 0, parameters);
      for (ParameterShard shard : table.shards) {
        shard.fence(1, 0);
      }
      assertThatThrownBy(() -> step(1, old, 1, parameters))
          .isInstanceOf(ShardException.Refused.class)
          .hasMessageContaining("Worker 1 was replaced: its start 0 no longer counts");
      for (long clock = 0; clock < 10; clock++) {
        step(0, other, clock, parameters); // waits for nobody
      }
      try (ParameterClient next = table.client(1, 1, ClientSettings.of(LONG), channel -> channel)) {
        assertThat(next.join()).isEqualTo(10);
        step(1, next, 10, parameters);
      }
      step(0, other, 10, parameters);
    }
  }

  @Test
  void aStartGoesOnBehindWhatTheOneBeforeHasNamed() throws Exception {
    try (Table table = table("async", 2, 2);
        ParameterClient old = table.client(1, LONG)) {
      step(1, old, 0, new float[SIZE]);
      old.push(1, new float[][] {gradient(1, 1)}, new float[][] {{}}); // and is lost
      for (ParameterShard shard : table.shards) {
        shard.fence(1, 0);
      }
      try (ParameterClient next = table.client(1, 1, ClientSettings.of(LONG), channel -> channel)) {
        long clock = next.join();
        assertThat(clock).isEqualTo(2);
        step(1, next, clock, new float[SIZE]);
      }
      float[] expected = expected(0, 0);
      for (long clock = 0; clock < 3; clock++) {
        Table.ADDER.add(expected, 0, gradient(1, clock), 0, SIZE);
      }
      Table.assertBits(table.values(), expected);
    }
  }

  @Test
  void theWidestLeadIsThatOfWhoWasGivenValues() throws Exception {
    try (Table table = table("async", 2, 1);
        ParameterClient client = table.client(0, LONG)) {
      float[] parameters = new float[SIZE];
      for (long clock = 0; clock < 4; clock++) {
        step(0, client, clock, parameters);
      }
      assertThat(table.shards.get(0).widestLead()).isEqualTo(3);
      table.shards.get(0).fence(1, -1); // a worker that is not there is nobody to be ahead of
      client.pull(4, parameters);
      assertThat(table.shards.get(0).widestLead()).isEqualTo(3);
    }
  }

  @Test
  void aSnapshotNamesWhatItHoldsSoThatItCountsOnce() throws Exception {
    int workers = 2;
    List<ShardSnapshot> snapshots;
    try (Table table = table("ssp:3", workers, 2);
        ParameterClient slow = table.client(0, LONG);
        ParameterClient fast = table.client(1, LONG)) {
      float[] parameters = new float[SIZE];
      for (long clock = 0; clock < 5; clock++) {
        if (clock < 2) {
          step(0, slow, clock, parameters);
        }
        step(1, fast, clock, parameters);
      }
      snapshots =
          List.of(table.shards.get(0).snapshotAt(2, LONG), table.shards.get(1).snapshotAt(2, LONG));
    }
    // All go on from clock 2; what the fast worker pushed of clocks 2 to 4 is in the snapshot.
    try (Table again =
        Table.restored(
            ShardPlan.of(0, 2, SIZE, 5000, BlockBorders.uniform()).next(1, 3),
            settings("ssp:3", workers),
            Table.SUM,
            snapshots)) {
      again.run(
          (worker, client) -> {
            float[] parameters = new float[SIZE];
            for (long clock = 2; clock < 8; clock++) {
              step(worker, client, clock, parameters);
            }
          });
      Table.assertBits(again.values(), expected(workers, 8));
    }
  }

  @Test
  void aShardThatIsSilentIsATimeoutWithinTwiceTheDeadline() {
    Duration deadline = Duration.ofMillis(500);
    List<MessageChannel> ends = LocalChannel.pair();
    ShardPlan plan = ShardPlan.of(0, 1, SIZE, 5000, BlockBorders.uniform());
    try (ParameterClient client =
        new ParameterClient(plan, 0, 0, List.of(ends.get(0)), ClientSettings.of(deadline))) {
      long startNanos = System.nanoTime();
      assertThatThrownBy(() -> client.pull(0, new float[SIZE]))
          .isInstanceOf(ShardException.Timeout.class)
          .hasMessageContaining("worker 0 in pull at clock 0 after")
          .hasMessageContaining("shard 0 at this JVM; it said nothing");
      assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
          .isBetween(deadline, deadline.multipliedBy(2));
    }
  }

  @Test
  void aShardThatIsGoneIsLostAtOnce() throws Exception {
    try (Table table = table("async", 1, 2);
        ParameterClient client = table.client(0, LONG)) {
      table.server(1).close();
      long startNanos = System.nanoTime();
      assertThatThrownBy(() -> client.pull(0, new float[SIZE]))
          .isInstanceOf(ShardException.Lost.class)
          .hasMessageContaining("shard 1");
      assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos)).isLessThan(10);
    }
  }

  @Test
  void closingLeavesNoThreads() throws Exception {
    try (Table table = table("async", 3, 2)) {
      table.run((worker, client) -> step(worker, client, 0, new float[SIZE]));
    }
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (isRunning() && System.nanoTime() < endNanos) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(isRunning()).isFalse();
  }

  private static boolean isRunning() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith("backdraft-shard-"));
  }
}
