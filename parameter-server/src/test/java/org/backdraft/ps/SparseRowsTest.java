package org.backdraft.ps;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that hold nothing are not sent, and nobody can tell. */
@Timeout(60)
class SparseRowsTest {
  private static final long SEED = Long.getLong("tests.seed", 20260606L);
  private static final int STEPS = 5;
  private static final Leaves LEAVES = new Leaves(8);

  /** Their borders are no borders of blocks. */
  private static final List<RowRange> ROWS =
      List.of(new RowRange(700, 12_700, 12), new RowRange(12_701, 21_701, 9));

  private static final int SIZE = 22_000;

  private static ShardPlan plan(int shards) {
    return ShardPlan.of(0, shards, SIZE, 5000, BlockBorders.uniform());
  }

  private static ShardPlan withRows(int shards) {
    return plan(shards).withRows(ROWS);
  }

  /** A leaf's sums: some rows of each range, and all that is in no row. */
  private static float[] leaf(int leaf, long step) {
    Random random = new Random(SEED + 31 * step + leaf);
    float[] sums = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      sums[i] = random.nextFloat() - 0.5f;
    }
    for (RowRange range : ROWS) {
      for (int at = range.begin(); at < range.end(); at += range.width()) {
        if (random.nextInt(40) != 0) {
          Arrays.fill(sums, at, at + range.width(), 0);
        }
      }
    }
    return sums;
  }

  private static float[] node(LeafRange node, long step) {
    if (node.size() == 1) {
      return leaf(node.begin(), step);
    }
    int middle = (node.begin() + node.end()) >>> 1;
    float[] sum = node(new LeafRange(node.begin(), middle), step);
    Table.ADDER.add(sum, 0, node(new LeafRange(middle, node.end()), step), 0, sum.length);
    return sum;
  }

  private static float[][] sums(int worker, int workers, long step) {
    return LEAVES.rangeOf(worker, workers).subtrees().stream()
        .map(node -> node(node, step))
        .toArray(float[][]::new);
  }

  private static float[][] totals(float[][] sums) {
    float[][] totals = new float[sums.length][1];
    for (float[] each : totals) {
      each[0] = 1.5f;
    }
    return totals;
  }

  private static ShardSettings settings(String consistency, int workers) {
    return new ShardSettings(Consistency.parse(consistency), workers, LEAVES, 1, 1 << 20);
  }

  /** What a training leaves behind. */
  private record Trained(float[] values, long bytes, long sparsePushes, long duplicates) {}

  private static Trained train(
      ShardPlan plan,
      String consistency,
      int workers,
      BlockOptimizer optimizer,
      ClientSettings clients,
      UnaryOperator<MessageChannel> wrap)
      throws Exception {
    AtomicLong bytes = new AtomicLong();
    try (Table table = new Table(plan, settings(consistency, workers), optimizer, start())) {
      table.run(
          clients,
          wrap,
          (worker, client) -> {
            float[] parameters = new float[SIZE];
            for (long step = 0; step < STEPS; step++) {
              client.pull(step, parameters);
              float[][] sums = sums(worker, workers, step);
              if (!consistency.equals("bsp")) {
                sums = Arrays.copyOf(sums, 1);
              }
              client.push(step, sums, totals(sums));
              client.complete(step);
            }
            if (consistency.equals("bsp")) {
              client.pull(STEPS, parameters);
            }
            bytes.addAndGet(client.pushedBytes());
          });
      return new Trained(
          table.values(),
          bytes.get(),
          table.shards.stream().mapToLong(ParameterShard::sparsePushes).sum(),
          table.duplicates());
    }
  }

  private static float[] start() {
    float[] start = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      start[i] = i % 17 * 0.1f;
    }
    return start;
  }

  private static Trained train(ShardPlan plan, String consistency, int workers) throws Exception {
    return train(
        plan,
        consistency,
        workers,
        Table.MOMENTUM,
        ClientSettings.of(Duration.ofSeconds(20)),
        channel -> channel);
  }

  /** Momentum goes on in rows that have no gradient any more. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 3", "3, 2"})
  void bspHasTheBitsOfWholeBlocksForFewerBytes(int workers, int shards) throws Exception {
    Trained whole = train(plan(shards), "bsp", workers);
    Trained sparse = train(withRows(shards), "bsp", workers);
    Table.assertBits(sparse.values(), whole.values());
    assertThat(whole.sparsePushes()).isZero();
    assertThat(sparse.sparsePushes()).isPositive();
    assertThat(sparse.bytes()).isLessThan(whole.bytes() / 2);
  }

  @Test
  void lostDoubledAndReorderedMessagesChangeNoBit() throws Exception {
    ClientSettings quick =
        new ClientSettings(Duration.ofSeconds(30), Duration.ofMillis(20), 100_000);
    AtomicLong seed = new AtomicLong(SEED);
    Trained flaky =
        train(
            withRows(2),
            "bsp",
            3,
            Table.MOMENTUM,
            quick,
            channel -> new FlakyChannel(channel, seed.incrementAndGet()));
    Table.assertBits(flaky.values(), train(plan(1), "bsp", 3).values());
    assertThat(flaky.sparsePushes()).isPositive();
    assertThat(flaky.duplicates()).isPositive();
  }

  /** Each push is applied once, though lost, doubled and reordered: whole numbers have one sum. */
  @ParameterizedTest
  @CsvSource({"async", "ssp:1"})
  void whoDoesNotWaitHasEachPushAppliedOnce(String consistency) throws Exception {
    int workers = 3;
    ClientSettings quick =
        new ClientSettings(Duration.ofSeconds(30), Duration.ofMillis(20), 100_000);
    AtomicLong seed = new AtomicLong(SEED);
    float[] expected = new float[SIZE];
    for (int worker = 0; worker < workers; worker++) {
      for (int step = 0; step < STEPS; step++) {
        Table.ADDER.add(expected, 0, whole(worker, step), 0, SIZE);
      }
    }
    try (Table table =
        new Table(withRows(2), settings(consistency, workers), Table.SUM, new float[SIZE])) {
      table.run(
          quick,
          channel -> new FlakyChannel(channel, seed.incrementAndGet()),
          (worker, client) -> {
            for (long step = 0; step < STEPS; step++) {
              client.push(step, new float[][] {whole(worker, step)}, new float[1][1]);
              client.complete(step);
            }
            client.finish();
          });
      Table.assertBits(table.values(), expected);
      assertThat(table.shards.get(0).sparsePushes()).isPositive();
    }
  }

  /** A leaf's sums as whole numbers. */
  private static float[] whole(int leaf, long step) {
    float[] sums = leaf(leaf, step);
    for (int i = 0; i < SIZE; i++) {
      sums[i] = (int) (sums[i] * 64);
    }
    return sums;
  }

  @Test
  void blocksWhoseRowsAreAllUsedAreSentWhole() throws Exception {
    float[] full = new float[SIZE];
    Arrays.fill(full, 1);
    try (Table table = new Table(withRows(1), settings("async", 1), Table.SUM, new float[SIZE]);
        Table plain = new Table(plan(1), settings("async", 1), Table.SUM, new float[SIZE]);
        ParameterClient client = table.client(0, Duration.ofSeconds(20));
        ParameterClient other = plain.client(0, Duration.ofSeconds(20))) {
      client.push(0, new float[][] {full}, new float[1][1]);
      other.push(0, new float[][] {full}, new float[1][1]);
      assertThat(table.shards.get(0).sparsePushes()).isZero();
      assertThat(client.pushedBytes()).isEqualTo(other.pushedBytes());
      Table.assertBits(table.values(), full);
    }
  }

  @Test
  void negativeZerosKeepTheirSign() throws Exception {
    float[] start = new float[SIZE];
    Arrays.fill(start, -0f);
    float[] sums = new float[SIZE];
    Arrays.fill(sums, 724, 736, -0f);
    float[] expected = new float[SIZE];
    Arrays.fill(expected, 724, 736, -0f);
    try (Table table = new Table(withRows(1), settings("async", 1), Table.SUM, start);
        ParameterClient client = table.client(0, Duration.ofSeconds(20))) {
      client.push(0, new float[][] {sums}, new float[1][1]);
      assertThat(table.shards.get(0).sparsePushes()).isPositive();
      Table.assertBits(table.values(), expected);
    }
  }

  private static Push push(int sequence, int block, int[] rows, int elements) {
    return new Push(0, 0, 0, 0, block, sequence, rows, new float[elements], new float[1]);
  }

  /** 100 elements: 3 loose, rows of 4 from there to 83, 17 loose. */
  private static ParameterShard shard() {
    ShardPlan plan =
        ShardPlan.of(0, 1, 100, 100, BlockBorders.uniform())
            .withRows(List.of(new RowRange(3, 83, 4)));
    return new ParameterShard(
        plan, 0, settings("async", 1), Table.SUM, Table.ADDER, new float[100]);
  }

  @Test
  void rowsThatAreNotThereAreRefusedByName() {
    ParameterShard shard = shard();
    int[][] rows = {{20}, {-1}, {3, 3}, {4, 3}, {Integer.MAX_VALUE}, {Integer.MIN_VALUE}};
    String[] reasons = {
      "got 20 after -1",
      "got -1 after -1",
      "got 3 after 3",
      "got 3 after 4",
      "got 2147483647 after -1",
      "got -2147483648 after -1"
    };
    for (int i = 0; i < rows.length; i++) {
      assertThat(shard.push(push(0, 0, rows[i], 20 + 4 * rows[i].length)).reason())
          .isEqualTo("Rows of block 0 must ascend in [0, 20): " + reasons[i] + ".");
    }
    for (int elements : new int[] {0, 19, 27, 29, 100}) {
      assertThat(shard.push(push(0, 0, new int[] {0, 19}, elements)).reason())
          .isEqualTo("A push of 2 rows of block 0 must have 28 elements: got " + elements + ".");
    }
    assertThat(shard.sparsePushes()).isZero();
    assertThat(shard.push(push(0, 0, new int[] {0, 19}, 28)).kind()).isEqualTo(Answer.Kind.DONE);
    assertThat(shard.push(push(1, 0, new int[0], 20)).kind()).isEqualTo(Answer.Kind.DONE);
    assertThat(shard.sparsePushes()).isEqualTo(2);
  }

  @Test
  void rowsOfABlockWithoutRowsAreRefused() {
    ParameterShard shard =
        new ParameterShard(
            ShardPlan.of(0, 1, 8, 8, BlockBorders.uniform()),
            0,
            settings("async", 1),
            Table.SUM,
            Table.ADDER,
            new float[8]);
    assertThat(shard.push(push(0, 0, new int[] {0}, 8)).reason())
        .contains("[0, 0): got 0 after -1");
  }

  @Test
  void noRowsThatAnyoneMayInventBreakAShard() {
    Random random = new Random(SEED);
    ParameterShard shard = shard();
    for (int round = 0; round < 20_000; round++) {
      int[] rows = random.ints(random.nextInt(6), -2, 23).toArray();
      if (random.nextBoolean()) {
        Arrays.sort(rows);
      }
      int elements = random.nextBoolean() ? 20 + 4 * rows.length : random.nextInt(110);
      Answer answer = shard.push(push(round, 0, rows, elements));
      boolean isFit =
          elements == 20 + 4 * rows.length
              && Arrays.equals(rows, Arrays.stream(rows).sorted().distinct().toArray())
              && Arrays.stream(rows).allMatch(row -> row >= 0 && row < 20);
      assertThat(answer.kind())
          .as("round %d, -Dtests.seed=%d", round, SEED)
          .isEqualTo(isFit ? Answer.Kind.DONE : Answer.Kind.REFUSED);
    }
  }

  /** Whatever the borders of blocks cut: what is gathered comes back to its places. */
  @Test
  void rowsAreCutWhereBlocksAre() {
    Random random = new Random(SEED);
    for (int round = 0; round < 2000; round++) {
      int width = 1 + random.nextInt(9);
      int begin = random.nextInt(20);
      RowRange first = new RowRange(begin, begin + width * (1 + random.nextInt(9)), width);
      int next = first.end() + random.nextInt(3);
      RowRange second = new RowRange(next, next + 5 * (1 + random.nextInt(9)), 5);
      int from = random.nextInt(second.end() - 1);
      int to = from + 1 + random.nextInt(second.end() - from);
      BlockRows rows = BlockRows.of(List.of(first, second), from, to);
      float[] values = new float[200];
      for (RowRange range : List.of(first, second)) {
        for (int at = range.begin(); at < range.end(); at += range.width()) {
          if (random.nextInt(8) == 0) {
            values[at + random.nextInt(range.width())] = 1 + at;
          }
        }
      }
      int[] touched = rows.touched(values, from);
      if (touched != null) {
        float[] packed = rows.gather(values, from, touched);
        assertThat(rows.objection(0, touched, packed.length)).isNull();
        assertThat(packed.length + touched.length).isLessThan(to - from);
        assertThat(rows.scatter(packed, touched))
            .as("round %d, -Dtests.seed=%d", round, SEED)
            .isEqualTo(Arrays.copyOfRange(values, from, to));
      }
    }
  }
}
