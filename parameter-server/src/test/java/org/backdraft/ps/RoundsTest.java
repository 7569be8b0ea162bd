package org.backdraft.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.backdraft.comm.BlockBorders;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Optimizers that must know something of the whole table before they update. */
@Timeout(120)
class RoundsTest {
  private static final long SEED = Long.getLong("tests.seed", 20261126L);
  private static final int SIZE = 40_003;
  private static final int STEPS = 5;
  private static final Leaves LEAVES = new Leaves(8);

  /**
   * {@code v += g; w −= v / (‖g‖ + Σ|v| / ‖g‖)}: the second round uses what the first made known,
   * and moves the state.
   */
  private static final class TwoNorms implements BlockOptimizer {
    @Override
    public int stateSlots() {
      return 1;
    }

    @Override
    public int rounds() {
      return 2;
    }

    @Override
    public double[] measure(int round, Block block, float[] totals, long update) {
      double sum = 0;
      for (int i = 0; i < block.values().length; i++) {
        if (round == 0) {
          sum += (double) block.sums()[i] * block.sums()[i];
        } else {
          block.state()[0][i] += block.sums()[i];
          sum += Math.abs(block.state()[0][i]) / Math.sqrt(block.known().get(0)[0]);
        }
      }
      return new double[] {sum};
    }

    @Override
    public double[] combine(int round, double[] measures) {
      return new double[] {Arrays.stream(measures).reduce(0, Double::sum)};
    }

    @Override
    public void update(Block block, int begin, int end, float[] totals, long update) {
      double divisor = Math.sqrt(block.known().get(0)[0]) + block.known().get(1)[0];
      for (int i = begin; i < end; i++) {
        block.values()[i] -= (float) (block.state()[0][i] / divisor);
      }
    }
  }

  private static float[] gradient(int leaf, long step) {
    Random random = new Random(SEED + 1000 * step + leaf);
    float[] gradient = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      gradient[i] = random.nextFloat() - 0.5f;
    }
    return gradient;
  }

  private static float[] sum(int begin, int end, long step) {
    if (end - begin == 1) {
      return gradient(begin, step);
    }
    int middle = (begin + end) >>> 1;
    float[] sum = sum(begin, middle, step);
    Table.ADDER.add(sum, 0, sum(middle, end, step), 0, SIZE);
    return sum;
  }

  /** The same steps on whole arrays, block after block. */
  private static float[] expected(ShardPlan plan, int steps) {
    TwoNorms rule = new TwoNorms();
    float[] values = new float[SIZE];
    float[] state = new float[SIZE];
    for (int step = 0; step < steps; step++) {
      float[] sums = sum(0, LEAVES.count(), step);
      double[] known = new double[2];
      for (int round = 0; round < 2; round++) {
        double[] measures = new double[plan.blocks()];
        for (int block = 0; block < plan.blocks(); block++) {
          for (int i = plan.begin(block); i < plan.end(block); i++) {
            if (round == 0) {
              measures[block] += (double) sums[i] * sums[i];
            } else {
              state[i] += sums[i];
              measures[block] += Math.abs(state[i]) / Math.sqrt(known[0]);
            }
          }
        }
        known[round] = rule.combine(round, measures)[0];
      }
      for (int i = 0; i < SIZE; i++) {
        values[i] -= (float) (state[i] / (Math.sqrt(known[0]) + known[1]));
      }
    }
    return values;
  }

  private static Table table(int workers, int shards, long pendingBytes) {
    return new Table(
        ShardPlan.of(0, shards, SIZE, 5000, BlockBorders.uniform()),
        new ShardSettings(Consistency.parse("bsp"), workers, LEAVES, 1, pendingBytes),
        new TwoNorms(),
        new float[SIZE]);
  }

  private static void push(int worker, int workers, ParameterClient client, long step)
      throws Exception {
    float[][] sums =
        LEAVES.rangeOf(worker, workers).subtrees().stream()
            .map(node -> sum(node.begin(), node.end(), step))
            .toArray(float[][]::new);
    client.push(step, sums, new float[sums.length][1]);
  }

  private static void lead(ParameterClient client, long step) throws Exception {
    for (int i = 0; i < 2; i++) {
      int round = i;
      client.settle(step, round, measures -> new TwoNorms().combine(round, measures));
    }
  }

  private static void train(int worker, int workers, ParameterClient client) throws Exception {
    for (long step = 0; step < STEPS; step++) {
      push(worker, workers, client, step);
      if (worker == 0) {
        lead(client, step);
      }
      client.pull(step + 1, new float[SIZE]);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 3", "2, 2", "3, 2", "4, 16"})
  void allShardsKnowTheWholeTable(int workers, int shards) throws Exception {
    for (long pendingBytes : new long[] {0, ShardSettings.DEFAULT_PENDING_BYTES}) {
      try (Table table = table(workers, shards, pendingBytes)) {
        table.run((worker, client) -> train(worker, workers, client));
        Table.assertBits(table.values(), expected(table.plan, STEPS));
      }
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
          (worker, client) -> train(worker, 3, client));
      Table.assertBits(table.values(), expected(table.plan, STEPS));
    }
  }

  @Test
  void aLeaderThatIsMissingIsNamed() throws Exception {
    try (Table table = table(2, 2, ShardSettings.DEFAULT_PENDING_BYTES);
        ParameterClient leader = table.client(0, Duration.ofSeconds(20));
        ParameterClient other = table.client(1, Duration.ofMillis(600))) {
      push(1, 2, other, 0);
      push(0, 2, leader, 0);
      assertThatThrownBy(() -> other.pull(1, new float[SIZE]))
          .isInstanceOfSatisfying(
              ShardException.Timeout.class, e -> assertThat(e.awaitedWorker()).isZero())
          .hasMessageContaining("it waits for worker 0 at clock 0");
      lead(leader, 0);
      float[] values = new float[SIZE];
      other.pull(1, values);
      Table.assertBits(values, expected(table.plan, 1));
    }
  }

  @Test
  void settlingOutOfTurnIsRefusedAndTwiceCountsOnce() throws Exception {
    try (Table table = table(1, 1, ShardSettings.DEFAULT_PENDING_BYTES);
        ParameterClient client = table.client(0, Duration.ofSeconds(20))) {
      ParameterShard shard = table.shards.get(0);
      assertThat(shard.settle(0, 0, 0, 0, 0, new double[1]).reason()).contains("not summed");
      push(0, 1, client, 0);
      assertThat(shard.settle(0, 0, 0, 0, 1, new double[1]).reason())
          .contains("Round 1 of clock 0 must be settled");
      lead(client, 0);
      for (int round = 0; round < 2; round++) {
        Answer again = shard.settle(0, 0, 0, 0, round, new double[1]);
        assertThat(again.kind()).isEqualTo(Answer.Kind.DONE);
      }
      Answer late = shard.measures(0, 0, 0, 0, 0, 0, Duration.ofSeconds(20));
      assertThat(late.reason()).contains("The rounds of clock 0 are over");
      Table.assertBits(table.values(), expected(table.plan, 1));
    }
  }

  @Test
  void aSnapshotNeverShowsAStepThatIsHalfDone() throws Exception {
    try (Table table = table(1, 1, ShardSettings.DEFAULT_PENDING_BYTES);
        ParameterClient client = table.client(0, Duration.ofSeconds(20))) {
      ParameterShard shard = table.shards.get(0);
      assertThat(shard.nextSnapshotClock()).isZero();
      push(0, 1, client, 0);
      assertThat(shard.nextSnapshotClock()).isEqualTo(1);
      assertThatThrownBy(() -> shard.snapshotAt(0, Duration.ofSeconds(1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("must not be past: shard 0 is at 1, got 0");
      lead(client, 0);
      ShardSnapshot snapshot = shard.snapshotAt(1, Duration.ofSeconds(1));
      assertThat(snapshot.blocks()).hasSize(table.plan.blocks());
    }
  }

  @Test
  void otherConsistenciesHaveNoRounds() {
    assertThatThrownBy(
            () ->
                new ParameterShard(
                    ShardPlan.of(0, 1, 8, 8, BlockBorders.uniform()),
                    0,
                    new ShardSettings(Consistency.parse("ssp:1"), 1, LEAVES, 1, 0),
                    new TwoNorms(),
                    Table.ADDER,
                    new float[8]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("with bsp alone: got ssp:1");
  }
}
