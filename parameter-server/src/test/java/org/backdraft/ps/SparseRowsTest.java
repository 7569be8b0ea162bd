package org.backdraft.ps;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class SparseRowsTest {
  private static final long SEED = Long.getLong("tests.seed", 20260606L);
  private static final int ROWS = 1000;
  private static final int WIDTH = 12;
  private static final int STEPS = 5;
  private static final Leaves LEAVES = new Leaves(8);

  /** The rows that a leaf touches in a step. */
  private static int[] rows(int leaf, long step) {
    Random random = new Random(SEED + 100 * step + leaf);
    return random.ints(20, 0, ROWS).distinct().sorted().toArray();
  }

  private static float[] dense(int leaf, long step) {
    float[] values = new float[ROWS * WIDTH];
    Random random = new Random(SEED + 31 * step + leaf);
    for (int row : rows(leaf, step)) {
      for (int i = 0; i < WIDTH; i++) {
        values[row * WIDTH + i] = random.nextFloat() - 0.5f;
      }
    }
    return values;
  }

  private static float[] node(LeafRange node, long step) {
    if (node.size() == 1) {
      return dense(node.begin(), step);
    }
    int middle = (node.begin() + node.end()) >>> 1;
    float[] sum = node(new LeafRange(node.begin(), middle), step);
    Table.ADDER.add(sum, 0, node(new LeafRange(middle, node.end()), step), 0, sum.length);
    return sum;
  }

  private static int[] rows(LeafRange node, long step) {
    return IntStream.range(node.begin(), node.end())
        .flatMap(leaf -> Arrays.stream(rows(leaf, step)))
        .distinct()
        .sorted()
        .toArray();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 3", "3, 2"})
  void bspSumsRowsInTheOrderOfTheTreeAndLeavesTheRestAlone(int workers, int shards)
      throws Exception {
    ShardPlan plan = ShardPlan.sparse(0, shards, ROWS, WIDTH, 1000);
    ShardSettings settings =
        new ShardSettings(Consistency.parse("bsp"), workers, LEAVES, 1, 1 << 20);
    float[] expected = new float[ROWS * WIDTH];
    float[] velocity = new float[ROWS * WIDTH];
    for (long step = 0; step < STEPS; step++) {
      LeafRange all = new LeafRange(0, LEAVES.count());
      float[] sum = node(all, step);
      for (int row : rows(all, step)) {
        Table.MOMENTUM.update(
            new BlockOptimizer.Block(0, expected, sum, new float[][] {velocity}),
            row * WIDTH,
            (row + 1) * WIDTH,
            new float[] {LEAVES.count()},
            step + 1);
      }
    }
    try (Table table = new Table(plan, settings, Table.MOMENTUM, new float[ROWS * WIDTH])) {
      table.run(
          (worker, client) -> {
            float[] parameters = new float[ROWS * WIDTH];
            for (long step = 0; step < STEPS; step++) {
              client.pull(step, parameters);
              int sequence = 0;
              for (LeafRange node : LEAVES.rangeOf(worker, workers).subtrees()) {
                int[] rows = rows(node, step);
                client.pushRows(
                    step,
                    sequence++,
                    rows,
                    gather(node(node, step), rows),
                    new float[] {node.size()});
              }
            }
            client.pull(STEPS, parameters);
          });
      Table.assertBits(table.values(), expected);
    }
  }

  private static float[] gather(float[] dense, int[] rows) {
    float[] values = new float[rows.length * WIDTH];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(dense, rows[i] * WIDTH, values, i * WIDTH, WIDTH);
    }
    return values;
  }

  @Test
  void asyncAddsRowsAsTheyCome() throws Exception {
    ShardPlan plan = ShardPlan.sparse(0, 2, ROWS, WIDTH, 1000);
    ShardSettings settings = new ShardSettings(Consistency.parse("async"), 3, LEAVES, 0, 0);
    float[] expected = new float[ROWS * WIDTH];
    for (int worker = 0; worker < 3; worker++) {
      for (long step = 0; step < STEPS; step++) {
        for (int row : rows(worker, step)) {
          for (int i = 0; i < WIDTH; i++) {
            expected[row * WIDTH + i] += 1 + worker;
          }
        }
      }
    }
    try (Table table = new Table(plan, settings, Table.SUM, new float[ROWS * WIDTH])) {
      table.run(
          (worker, client) -> {
            for (long step = 0; step < STEPS; step++) {
              int[] rows = rows(worker, step);
              float[] ones = new float[rows.length * WIDTH];
              Arrays.fill(ones, 1 + worker);
              client.pushRows(step, 0, rows, ones, new float[0]);
              client.complete(step);
            }
          });
      Table.assertBits(table.values(), expected);
    }
  }

  @Test
  void rowsMustAscendAndLieInTheTable() throws Exception {
    ShardPlan plan = ShardPlan.sparse(0, 1, 10, 2, 100);
    ShardSettings settings = new ShardSettings(Consistency.parse("async"), 1, LEAVES, 0, 0);
    try (Table table = new Table(plan, settings, Table.SUM, new float[20]);
        ParameterClient client = table.client(0, Duration.ofSeconds(5))) {
      assertThatThrownBy(() -> client.pushRows(0, 0, new int[] {3, 3}, new float[4], new float[0]))
          .isInstanceOf(ShardException.Refused.class)
          .hasMessageContaining("Rows must ascend in [0, 10): got 3 after 3");
      assertThatThrownBy(() -> client.pushRows(0, 0, new int[] {3}, new float[3], new float[0]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("each 2 wide: got 1 rows and 3 elements");
    }
  }
}
