package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Embedding;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.IndexException;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an embedding gives, adds up and refuses. */
class EmbeddingTest {
  private static final long SEED = Long.getLong("tests.seed", 20261127L);
  private static final int ROWS = 50;
  private static final int WIDTH = 6;
  private static final int LENGTH = 40;
  private static final int EXAMPLES_OF_RACE = 24;

  private static final Network NETWORK =
      Network.named("words", Shape.of(LENGTH))
          .add("words", new Embedding(ROWS, WIDTH, 1))
          .add("flat", new Flatten())
          .add("fc", Linear.of(3))
          .build();

  private static LocalRun run(Network network, int leaves, int threads, int examples) {
    return new LocalRun(
        network, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(leaves), 1, threads, examples);
  }

  /**
   * The order of summation as it is promised, written down a second time: dense tiles for each
   * leaf, and the whole tree.
   */
  @ParameterizedTest
  @CsvSource({"1, 1, 13", "8, 3, 29", "64, 2, 29", "16, 2, 300"})
  void sumsRunOverPositionsThenLeaves(int leafCount, int threads, int examples) {
    Leaves leaves = new Leaves(leafCount);
    // Without an embedding, so that the gradient of the flat vector can be had: weights of fc.
    try (LocalRun run = run(NETWORK, leafCount, threads, examples)) {
      float[] sums = run.step(examples, SEED, 1, 0);
      float[][] tiles = new float[leafCount][ROWS * WIDTH];
      Batch batch = run.batch(0);
      float[] dy = outputGradients(run, examples);
      for (int leaf = 0; leaf < leafCount; leaf++) {
        addLeaf(
            batch, dy, leaves.begin(leaf, examples), leaves.begin(leaf + 1, examples), tiles[leaf]);
      }
      for (int span = 1; span < leafCount; span *= 2) {
        for (int leaf = 0; leaf < leafCount; leaf += 2 * span) {
          for (int i = 0; i < ROWS * WIDTH; i++) {
            tiles[leaf][i] += tiles[leaf + span][i];
          }
        }
      }
      for (int i = 0; i < ROWS * WIDTH; i++) {
        assertThat(Float.floatToRawIntBits(sums[i]))
            .as("element %d, -Dtests.seed=%d", i, SEED)
            .isEqualTo(Float.floatToRawIntBits(tiles[0][i]));
      }
    }
  }

  /**
   * The worker in the middle of three has leaves of two subtrees, which each thread takes one after
   * the other; on few examples with many positions a thread is soon ahead of the others.
   */
  @Test
  void aThreadMayBeASubtreeAheadOfAnother() {
    float[] expected = null;
    for (int threads = 1; threads <= 4; threads += 3) {
      try (LocalRun run =
          new LocalRun(
              NETWORK, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(8), 3, threads, EXAMPLES_OF_RACE)) {
        for (int step = 0; step < 300; step++) {
          float[] sums = run.step(EXAMPLES_OF_RACE, SEED, 1, step).clone();
          expected = expected == null ? sums : expected;
          assertThat(sums)
              .as("step %d on %d threads, -Dtests.seed=%d", step, threads, SEED)
              .containsExactly(expected);
        }
      }
    }
  }

  /**
   * The gradient of each example's flat vector, in channels-last order: that of the table of a
   * network whose rows are used once each.
   */
  private static float[] outputGradients(LocalRun run, int examples) {
    int rows = examples * LENGTH;
    Network once =
        Network.named("once", Shape.of(LENGTH))
            .add("words", Embedding.of(rows, WIDTH))
            .add("flat", new Flatten())
            .add("fc", Linear.of(3))
            .build();
    float[] table = run.replica(0).parameters();
    Batch from = run.batch(0);
    try (LocalRun other = run(once, 1, 1, examples)) {
      Replica replica = other.replica(0);
      float[] w = replica.parameters();
      Batch batch = other.batch(0);
      batch.reset(examples, examples);
      for (int i = 0; i < rows; i++) {
        int row = (int) from.inputs()[i];
        for (int c = 0; c < WIDTH; c++) {
          w[i * WIDTH + c] = row == 1 ? 0 : table[row * WIDTH + c];
        }
        batch.inputs()[i] = i;
      }
      int head = table.length - ROWS * WIDTH;
      System.arraycopy(table, ROWS * WIDTH, w, rows * WIDTH, head);
      System.arraycopy(from.labels(), 0, batch.labels(), 0, examples);
      replica.trainStep(batch, 1, 0);
      return replica.sums()[0].clone();
    }
  }

  private static void addLeaf(Batch batch, float[] dy, int begin, int end, float[] tile) {
    for (int row = 0; row < ROWS; row++) {
      for (int c = 0; c < WIDTH && row != 1; c++) {
        float chain = 0;
        int links = 0;
        for (int i = begin * LENGTH; i < end * LENGTH; i++) {
          if (batch.inputs()[i] == row) {
            chain += dy[i * WIDTH + c];
            if (++links % 128 == 0) {
              tile[row * WIDTH + c] += chain;
              chain = 0;
            }
          }
        }
        tile[row * WIDTH + c] += chain;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {-1, 23, 2.5f, Float.NaN, Float.POSITIVE_INFINITY, 1e20f, -0.5f})
  void whatIsNoRowIsNamed(float index) {
    Network network = SmallNetworks.tokens();
    for (int threads = 1; threads <= 2; threads++) {
      try (LocalRun run = run(network, 1, threads, 5)) {
        run.fill(0, 5, 1);
        run.batch(0).inputs()[4 * 9 + 7] = index;
        assertThatThrownBy(() -> run.replica(0).trainStep(run.batch(0), 1, 0))
            .isInstanceOf(IndexException.class)
            .hasMessageContaining("'embedding.weight' takes whole numbers in [0, 23)")
            .hasMessageContaining("example 104 has " + index + " at position 7");
      }
    }
  }

  @Test
  void aStepAfterARefusedOneIsAsIfItHadNotBeen() {
    Network network = SmallNetworks.tokens();
    try (LocalRun run = run(network, 4, 2, 16);
        LocalRun fresh = run(network, 4, 2, 16)) {
      run.fill(0, 16, 1);
      run.batch(0).inputs()[0] = 99;
      assertThatThrownBy(() -> run.replica(0).trainStep(run.batch(0), 1, 0))
          .isInstanceOf(IndexException.class);
      assertThat(run.step(16, 5, 1, 0)).isEqualTo(fresh.step(16, 5, 1, 0));
    }
  }

  @Test
  void aPaddedPositionGivesZerosAndItsRowLearnsNothing() {
    try (LocalRun run = run(NETWORK, 1, 1, 2)) {
      Replica replica = run.replica(0);
      Batch batch = run.batch(0);
      run.fill(0, 2, 1);
      for (int i = 0; i < LENGTH; i++) {
        batch.inputs()[i] = 1;
      }
      replica.evaluate(batch, new float[2], new float[2], new int[2]);
      float[] output = new float[3];
      replica.output(0, output);
      int bias = NETWORK.parameterTable().entry("fc.bias").begin();
      for (int i = 0; i < 3; i++) {
        assertThat(output[i]).isEqualTo(replica.parameters()[bias + i]);
      }
      replica.trainStep(batch, 1, 0);
      for (int c = 0; c < WIDTH; c++) {
        assertThat(Float.floatToRawIntBits(replica.sums()[0][WIDTH + c])).isZero();
      }
    }
  }

  @Test
  void nothingThatLearnsMayStandBeforeIt() {
    Network network =
        Network.named("late", Shape.of(3))
            .add("fc", Linear.of(4))
            .add("words", Embedding.of(5, 2))
            .add("flat", new Flatten())
            .build();
    assertThatThrownBy(() -> run(network, 1, 1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("before the embedding of 'words.weight'");
  }

  @Test
  void unusedRowsOfManyHaveNoGradient() {
    try (LocalRun run = run(NETWORK, 4, 3, 2)) {
      Batch batch = run.batch(0);
      run.fill(0, 2, 1);
      Random random = new Random(SEED);
      for (int i = 0; i < 2 * LENGTH; i++) {
        batch.inputs()[i] = 10 * random.nextInt(5);
      }
      run.replica(0).trainStep(batch, 1, 0);
      float[] sums = run.replica(0).sums()[0];
      for (int row = 0; row < ROWS; row++) {
        boolean isUsed = row % 10 == 0;
        boolean isZero = true;
        for (int c = 0; c < WIDTH; c++) {
          isZero &= Float.floatToRawIntBits(sums[row * WIDTH + c]) == 0;
        }
        assertThat(isZero).as("row %d", row).isEqualTo(!isUsed);
      }
    }
  }
}
