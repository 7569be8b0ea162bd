package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.optim.Adam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bits of a step do not depend on workers, threads or capacity. */
class ExactSumsTest {
  private static final Network NET = SmallNetworks.everything();

  private static float[] sums(int leaves, int worldSize, int threads, int capacity, int examples) {
    return sums(NET, leaves, worldSize, threads, capacity, examples);
  }

  private static float[] sums(
      Network network, int leaves, int worldSize, int threads, int capacity, int examples) {
    try (LocalRun run =
        new LocalRun(
            network,
            Loss.SOFTMAX_CROSS_ENTROPY,
            new Leaves(leaves),
            worldSize,
            threads,
            capacity)) {
      return run.step(examples, 1, 2, 3);
    }
  }

  private static void assertSameBits(float[] actual, float[] expected, String what) {
    for (int i = 0; i < expected.length; i++) {
      if (Float.floatToRawIntBits(actual[i]) != Float.floatToRawIntBits(expected[i])) {
        throw new AssertionError(
            "%s: element %d must be %s, is %s".formatted(what, i, expected[i], actual[i]));
      }
    }
    assertThat(actual).hasSameSizeAs(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void threadsDoNotChangeABit(int threads) {
    for (String name : List.of("everything", "gated", "assisted", "volumes", "grouped", "tokens")) {
      Network network = SmallNetworks.named(name);
      for (int examples : new int[] {1, 5, 37}) {
        assertSameBits(
            sums(network, 4, 1, threads, 37, examples),
            sums(network, 4, 1, 1, 37, examples),
            network.name() + ", " + threads + " threads, " + examples + " examples");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5})
  void workersDoNotChangeABit(int worldSize) {
    for (int leaves : new int[] {8, 16}) {
      for (int examples : new int[] {3, 16, 41}) {
        for (Network other : List.of(SmallNetworks.gated(), SmallNetworks.tokens())) {
          assertSameBits(
              sums(other, leaves, worldSize, 1, 41, examples),
              sums(other, leaves, 1, 2, 41, examples),
              other.name()
                  + ", "
                  + worldSize
                  + " workers, "
                  + leaves
                  + " leaves, "
                  + examples
                  + " examples");
        }
        assertSameBits(
            sums(leaves, worldSize, 1, 41, examples),
            sums(leaves, 1, 2, 41, examples),
            worldSize + " workers, " + leaves + " leaves, " + examples + " examples");
      }
    }
  }

  @Test
  void capacityDoesNotChangeABit() {
    assertSameBits(sums(4, 1, 1, 100, 13), sums(4, 1, 1, 13, 13), "capacity 100");
  }

  @Test
  void theNumberOfLeavesIsWhatDecidesTheBits() {
    float[] one = sums(1, 1, 1, 37, 37);
    float[] many = sums(8, 1, 1, 37, 37);
    assertThat(Arrays.equals(one, many)).isFalse();
  }

  @Test
  void aSmallerBatchAfterALargerOneLeavesNothingBehind() {
    try (LocalRun run = new LocalRun(NET, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(4), 1, 2, 37)) {
      run.step(37, 9, 2, 3);
      assertSameBits(run.step(5, 1, 2, 3), sums(4, 1, 1, 5, 5), "5 after 37 examples");
    }
  }

  @Test
  void anEmptyLocalBatchGivesZeros() {
    try (LocalRun run = new LocalRun(NET, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(4), 1, 2, 8)) {
      run.step(8, 1, 2, 3);
      float[] sums = run.step(0, 1, 2, 3);
      for (float each : sums) {
        assertThat(Float.floatToRawIntBits(each)).isZero();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2,1", "3,2", "4,1"})
  void severalStepsOfTrainingGiveTheSameWeightsForAllWorkers(int worldSize, int threads) {
    Adam adam = Adam.standard();
    try (LocalRun one = new LocalRun(NET, Loss.SQUARED_ERROR, new Leaves(8), 1, 1, 20);
        LocalRun many =
            new LocalRun(NET, Loss.SQUARED_ERROR, new Leaves(8), worldSize, threads, 20)) {
      int[] sizes = {20, 20, 7};
      for (int step = 0; step < sizes.length; step++) {
        one.update(adam, one.step(sizes[step], step, 5, 0), 0.01f);
        many.update(adam, many.step(sizes[step], step, 5, 0), 0.01f);
      }
      for (int rank = 0; rank < worldSize; rank++) {
        assertSameBits(
            many.replica(rank).parameters(), one.replica(0).parameters(), "weights of " + rank);
        assertSameBits(
            many.replica(rank).buffers(), one.replica(0).buffers(), "buffers of " + rank);
      }
      assertThat(one.replica(0).parameters()).doesNotContain(Float.NaN);
    }
  }

  @Test
  void evaluationOfAnExampleDoesNotDependOnItsNeighbours() {
    try (LocalRun run = new LocalRun(NET, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(1), 1, 3, 9)) {
      float[] losses = new float[9];
      int[] ranks = new int[9];
      run.fill(0, 9, 4);
      run.replica(0).evaluate(run.batch(0), losses, new float[9], ranks);
      for (int e = 0; e < 9; e++) {
        Batch batch = run.batch(0);
        run.fill(0, 9, 4);
        System.arraycopy(
            batch.inputs(), e * batch.layout().size(), batch.inputs(), 0, batch.layout().size());
        batch.labels()[0] = batch.labels()[e];
        batch.reset(1, 1);
        float[] alone = new float[1];
        int[] rank = new int[1];
        run.replica(0).evaluate(batch, alone, new float[1], rank);
        assertThat(alone[0]).isEqualTo(losses[e]);
        assertThat(rank[0]).isEqualTo(ranks[e]);
      }
    }
  }
}
