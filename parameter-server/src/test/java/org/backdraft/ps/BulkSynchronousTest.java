package org.backdraft.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.algorithm.ExactAllReduce;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.comm.transport.tcp.ControlClient;
import org.backdraft.comm.transport.tcp.ControlServer;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class BulkSynchronousTest {
  private static final long SEED = Long.getLong("tests.seed", 20260404L);
  private static final int SIZE = 30_011;
  private static final int STEPS = 6;
  private static final Leaves LEAVES = new Leaves(16);

  /** The gradients of a leaf; what any worker computes of given parameters and samples. */
  private static float[] leaf(int leaf, long step, float[] parameters) {
    Random random = new Random(SEED + 1000 * step + leaf);
    float[] gradient = new float[SIZE];
    if (leaf == 3) {
      return gradient; // an empty leaf of an uneven batch
    }
    for (int i = 0; i < SIZE; i++) {
      gradient[i] = (random.nextFloat() - 0.5f) * (1 + parameters[i]);
    }
    return gradient;
  }

  private static float[] node(LeafRange node, long step, float[] parameters) {
    if (node.size() == 1) {
      return leaf(node.begin(), step, parameters);
    }
    int middle = (node.begin() + node.end()) >>> 1;
    float[] sum = node(new LeafRange(node.begin(), middle), step, parameters);
    float[] right = node(new LeafRange(middle, node.end()), step, parameters);
    Table.ADDER.add(sum, 0, right, 0, SIZE);
    return sum;
  }

  private static float[][] sums(int worker, int workers, long step, float[] parameters) {
    return LEAVES.rangeOf(worker, workers).subtrees().stream()
        .map(node -> node(node, step, parameters))
        .toArray(float[][]::new);
  }

  private static float[][] totals(int worker, int workers) {
    return LEAVES.rangeOf(worker, workers).subtrees().stream()
        .map(node -> new float[] {total(node)})
        .toArray(float[][]::new);
  }

  private static float total(LeafRange node) {
    int middle = (node.begin() + node.end()) >>> 1;
    return node.size() == 1
        ? 0.1f * (node.begin() + 1)
        : total(new LeafRange(node.begin(), middle)) + total(new LeafRange(middle, node.end()));
  }

  private static float[] start() {
    float[] start = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      start[i] = i % 17 * 0.1f;
    }
    return start;
  }

  /** The same steps by all-reduce over that many ranks, each with the optimizer of its own. */
  private static float[] byAllReduce(int workers, int steps) throws Exception {
    LocalGang gang = new LocalGang(workers, 0, Duration.ofSeconds(30));
    List<Transport> transports = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      transports.add(gang.join(rank));
    }
    float[][] results = new float[workers][];
    RankThreads.runAll(
        transports,
        transport -> {
          int rank = transport.context().rank();
          ExactAllReduce allReduce = new ExactAllReduce(transport, Table.ADDER);
          float[] parameters = start();
          float[][] state = new float[1][SIZE];
          for (int step = 0; step < steps; step++) {
            float[][] sums = sums(rank, workers, step, parameters);
            float[][] totals = totals(rank, workers);
            allReduce.allReduce(LEAVES, sums, 0, SIZE, step);
            allReduce.allReduce(LEAVES, totals, 0, 1, step);
            Table.MOMENTUM.update(
                new BlockOptimizer.Block(0, parameters, sums[0], state),
                0,
                SIZE,
                totals[0],
                step + 1);
          }
          results[rank] = parameters;
        });
    return results[workers - 1];
  }

  private static Table table(int workers, int shards, long pendingBytes) {
    return new Table(
        ShardPlan.of(0, shards, SIZE, 5000, BlockBorders.uniform()),
        settings(workers, pendingBytes),
        Table.MOMENTUM,
        start());
  }

  private static ShardSettings settings(int workers, long pendingBytes) {
    return new ShardSettings(Consistency.parse("bsp"), workers, LEAVES, 1, pendingBytes);
  }

  private static void train(int worker, int workers, ParameterClient client, long from, long to)
      throws Exception {
    float[] parameters = new float[SIZE];
    for (long step = from; step < to; step++) {
      client.pull(step, parameters);
      client.push(step, sums(worker, workers, step, parameters), totals(worker, workers));
    }
    client.pull(to, parameters);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 3", "2, 1", "2, 2", "3, 1", "3, 2", "4, 3", "5, 2", "7, 3"})
  void theBitsAreThoseOfAnAllReduce(int workers, int shards) throws Exception {
    try (Table table = table(workers, shards, ShardSettings.DEFAULT_PENDING_BYTES)) {
      table.run((worker, client) -> train(worker, workers, client, 0, STEPS));
      Table.assertBits(table.values(), byAllReduce(workers, STEPS));
      Table.assertBits(table.values(), byAllReduce(1, STEPS));
    }
  }

  @Test
  void lostDoubledAndReorderedMessagesChangeNoBit() throws Exception {
    ClientSettings quick =
        new ClientSettings(Duration.ofSeconds(30), Duration.ofMillis(20), 100_000);
    AtomicLong seed = new AtomicLong(SEED);
    try (Table table = table(3, 2, ShardSettings.DEFAULT_PENDING_BYTES)) {
      table.run(
          quick,
          channel -> new FlakyChannel(channel, seed.incrementAndGet()),
          (worker, client) -> train(worker, 3, client, 0, STEPS));
      Table.assertBits(table.values(), byAllReduce(1, STEPS));
      assertThat(table.duplicates()).isPositive();
    }
  }

  @Test
  void whatWaitsToBeSummedIsBounded() throws Exception {
    int workers = 3;
    long nodes =
        IntStream.range(0, workers)
            .mapToLong(worker -> LEAVES.rangeOf(worker, workers).subtrees().size())
            .sum();
    for (long pendingBytes : new long[] {0, 100_000}) {
      try (Table table = table(workers, 2, pendingBytes)) {
        table.run((worker, client) -> train(worker, workers, client, 0, STEPS));
        Table.assertBits(table.values(), byAllReduce(1, STEPS));
        for (ParameterShard shard : table.shards) {
          assertThat(shard.mostPendingBytes())
              .isLessThanOrEqualTo(pendingBytes + nodes * 8192 * Float.BYTES);
        }
      }
    }
  }

  @Test
  void overTcpTheBitsAreTheSame() throws Exception {
    int workers = 2;
    Credentials credentials = new Credentials(3, 0, new byte[Credentials.SECRET_BYTES]);
    try (Table table = table(workers, 2, ShardSettings.DEFAULT_PENDING_BYTES)) {
      List<ControlServer> listeners = new ArrayList<>();
      for (int shard = 0; shard < 2; shard++) {
        ShardServer server = table.server(shard);
        listeners.add(
            ControlServer.open(
                "127.0.0.1",
                credentials,
                workers,
                new ControlServer.Listener() {
                  @Override
                  public void connected(int rank, MessageChannel channel) {
                    server.serve(rank, channel);
                  }

                  @Override
                  public void refused(String reason) {}

                  @Override
                  public void failed(java.io.IOException cause) {}
                }));
      }
      List<ParameterClient> clients = new ArrayList<>();
      for (int worker = 0; worker < workers; worker++) {
        List<MessageChannel> channels = new ArrayList<>();
        for (ControlServer listener : listeners) {
          channels.add(
              ControlClient.connect(
                  "127.0.0.1", listener.port(), credentials, worker, Duration.ofSeconds(10)));
        }
        clients.add(
            new ParameterClient(
                table.plan, worker, 0, channels, ClientSettings.of(Duration.ofSeconds(20))));
      }
      Table.run(clients, (worker, client) -> train(worker, workers, client, 0, STEPS));
      Table.assertBits(table.values(), byAllReduce(1, STEPS));
      for (ControlServer listener : listeners) {
        listener.close();
      }
    }
  }

  @Test
  void aSnapshotTakenOnTheWayGoesOnToTheSameBitsOnOtherShards() throws Exception {
    int workers = 2;
    List<ShardSnapshot> snapshots = new ArrayList<>();
    try (Table table = table(workers, 2, ShardSettings.DEFAULT_PENDING_BYTES)) {
      ConcurrentHashMap<Integer, ShardSnapshot> taken = new ConcurrentHashMap<>();
      CountDownLatch waiting = new CountDownLatch(2);
      List<Thread> takers = new ArrayList<>();
      for (ParameterShard shard : table.shards) {
        Thread taker =
            new Thread(
                () -> {
                  try {
                    waiting.countDown();
                    taken.put(shard.shard(), shard.snapshotAt(3, Duration.ofSeconds(20)));
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                });
        taker.start();
        takers.add(taker);
      }
      assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();
      table.run((worker, client) -> train(worker, workers, client, 0, STEPS));
      for (Thread taker : takers) {
        taker.join(20_000);
      }
      snapshots.addAll(taken.values());
      assertThat(snapshots).hasSize(2).allMatch(snapshot -> snapshot.clock() == 3);
      assertThat(snapshots.stream().mapToLong(ShardSnapshot::elements).sum()).isEqualTo(SIZE);
      assertThatThrownBy(() -> table.shards.get(0).snapshotAt(3, Duration.ofSeconds(1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("must not be past: shard 0 is at 6, got 3");

      ShardPlan next = table.plan.next(1, 3);
      try (Table again =
          Table.restored(
              next,
              settings(4, ShardSettings.DEFAULT_PENDING_BYTES),
              Table.MOMENTUM,
              ofWorkers(snapshots, 4))) {
        again.run(
            (worker, client) -> {
              assertThat(client.join()).isEqualTo(3);
              train(worker, 4, client, 3, STEPS);
            });
        Table.assertBits(again.values(), table.values());
        // A worker that has not heard of it still speaks of the old table.
        Push old = new Push(0, 0, 0, STEPS, 0, 0, null, new float[8192], new float[1]);
        assertThat(again.shards.get(next.owner(0)).push(old).reason())
            .contains("of epoch 1 of the table: got epoch 0");
      }
    }
  }

  private static List<ShardSnapshot> ofWorkers(List<ShardSnapshot> snapshots, int workers) {
    List<ShardSnapshot> changed = new ArrayList<>();
    for (ShardSnapshot each : snapshots) {
      List<ShardSnapshot.BlockImage> blocks = new ArrayList<>();
      for (ShardSnapshot.BlockImage image : each.blocks()) {
        blocks.add(
            new ShardSnapshot.BlockImage(
                image.block(),
                image.updates(),
                image.values(),
                image.state(),
                new long[workers],
                new int[workers]));
      }
      changed.add(new ShardSnapshot(each.epoch(), each.clock(), new long[workers], blocks));
    }
    return changed;
  }

  @Test
  void restoringChecksWhatItIsGiven() {
    ShardPlan plan = ShardPlan.of(1, 1, SIZE, 5000, BlockBorders.uniform());
    ShardSettings settings = settings(1, 0);
    ShardSnapshot empty = new ShardSnapshot(0, 3, new long[1], List.of());
    ShardSnapshot other = new ShardSnapshot(0, 4, new long[1], List.of());
    ShardSnapshot newer = new ShardSnapshot(1, 3, new long[1], List.of());
    assertThatThrownBy(() -> restore(plan, settings, List.of(empty, other)))
        .hasMessageContaining("got clocks 3 and 4");
    assertThatThrownBy(() -> restore(plan, settings, List.of(newer)))
        .hasMessageContaining("an epoch below 1");
    assertThatThrownBy(() -> restore(plan, settings, List.of(empty)))
        .hasMessageContaining("hold block 0 with");
  }

  private static ParameterShard restore(
      ShardPlan plan, ShardSettings settings, List<ShardSnapshot> snapshots) {
    return ParameterShard.restore(plan, 0, settings, Table.MOMENTUM, Table.ADDER, snapshots);
  }

  @Test
  void aWorkerThatStopsIsNamedWithinTwiceTheDeadline() throws Exception {
    Duration deadline = Duration.ofMillis(600);
    try (Table table = table(2, 2, ShardSettings.DEFAULT_PENDING_BYTES);
        ParameterClient client = table.client(0, deadline)) {
      client.push(0, sums(0, 2, 0, start()), totals(0, 2));
      long startNanos = System.nanoTime();
      assertThatThrownBy(() -> client.pull(1, new float[SIZE]))
          .isInstanceOf(ShardException.Timeout.class)
          .hasMessageContaining("worker 0 in pull at clock 1 after")
          .hasMessageContaining("it waits for worker 1 at clock 0");
      assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
          .isLessThan(deadline.multipliedBy(2));
    }
  }

  @Test
  void aWorkerThatStopsIsNamedWhereTheOthersMayNotEvenPush() throws Exception {
    Duration deadline = Duration.ofMillis(600);
    try (Table table = table(2, 1, 0);
        ParameterClient client = table.client(0, deadline)) {
      assertThatThrownBy(() -> client.push(0, sums(0, 2, 0, start()), totals(0, 2)))
          .isInstanceOfSatisfying(
              ShardException.Timeout.class, e -> assertThat(e.awaitedWorker()).isEqualTo(1))
          .hasMessageContaining("too much waiting to be summed, first of all with worker 1");
    }
  }

  @Test
  void whatFailsInAShardIsToldToItsWorkers() throws Exception {
    BlockOptimizer broken =
        (block, begin, end, totals, update) -> {
          throw new IllegalStateException("out of order");
        };
    ShardPlan plan = ShardPlan.of(0, 1, SIZE, 5000, BlockBorders.uniform());
    try (Table table = new Table(plan, settings(1, 1 << 20), broken, start());
        ParameterClient client = table.client(0, Duration.ofSeconds(20))) {
      assertThatThrownBy(() -> client.push(0, sums(0, 1, 0, start()), totals(0, 1)))
          .isInstanceOf(ShardException.Refused.class)
          .hasMessageContaining("The shard failed: java.lang.IllegalStateException: out of order");
    }
  }

  @Test
  void pushesOutOfTurnAreRefused() {
    ParameterShard shard =
        new ParameterShard(
            ShardPlan.of(0, 1, 8, 8, BlockBorders.uniform()),
            0,
            settings(2, 0),
            Table.MOMENTUM,
            Table.ADDER,
            new float[8]);
    assertThat(shard.push(push(0, 1, 0, 8, 1)).reason()).contains("node [0, 1) of clock 0");
    assertThat(shard.push(push(0, 0, 1, 8, 1)).reason()).contains("got node 1 of clock 0");
    assertThat(shard.push(push(0, 0, 0, 7, 1)).reason()).contains("must have 8 elements: got 7");
    assertThat(shard.push(push(0, 0, 0, 8, 0)).reason()).contains("must have 1 totals: got 0");
    assertThat(shard.push(push(2, 0, 0, 8, 1)).reason()).contains("[0, 2): got 2");
    assertThat(shard.push(push(0, 0, 0, 8, 1)).kind()).isEqualTo(Answer.Kind.DONE);
    assertThat(shard.push(push(0, 0, 0, 8, 1)).kind()).isEqualTo(Answer.Kind.DONE);
    assertThat(shard.duplicates()).isEqualTo(1);
  }

  private static Push push(int worker, long clock, int node, int length, int totals) {
    return new Push(0, worker, 0, clock, 0, node, null, new float[length], new float[totals]);
  }
}
