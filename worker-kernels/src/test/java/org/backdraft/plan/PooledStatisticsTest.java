package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.backdraft.init.Initializer;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Activation;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class PooledStatisticsTest {
  private static final int EXAMPLES = 45;
  private static final int BATCH = 16;

  private static Replica replica(Network network, int leaves, int threads, boolean isSynced) {
    Leaves all = new Leaves(leaves);
    Replica replica =
        new Replica(
            Plan.compile(
                new Plan.Request(
                        network,
                        Loss.SOFTMAX_CROSS_ENTROPY,
                        all,
                        all.rangeOf(0, 1),
                        BATCH,
                        threads,
                        0)
                    .with(new Plan.Options(1, isSynced)),
                KernelLookup.choose().kernels()));
    Initializer.DEFAULT.initialize(network.parameterTable(), replica.parameters(), 3);
    return replica;
  }

  /** Numbers about 5, which drift from the first example to the last. */
  private static float[] inputs(int size) {
    SplittableRandom random = new SplittableRandom(11);
    float[] inputs = new float[EXAMPLES * size];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (float) (5 + random.nextDouble(-1, 1) + (double) i / inputs.length);
    }
    return inputs;
  }

  private static void pool(Replica replica, float[] inputs) {
    ActivationLayout layout = ActivationLayout.dense(replica.plan().request().network().input());
    Batch batch = new Batch(layout, BATCH);
    PooledStatistics pooled = new PooledStatistics(replica.plan().bufferTable());
    for (int begin = 0; begin < EXAMPLES; begin += BATCH) {
      int size = Math.min(BATCH, EXAMPLES - begin);
      batch.reset(size, size);
      System.arraycopy(inputs, begin * layout.size(), batch.inputs(), 0, size * layout.size());
      pooled.add(replica, batch);
    }
    pooled.copyTo(replica.buffers());
  }

  private static Network afterLinear() {
    return Network.named("vectors", Shape.of(6))
        .add("fc1", Linear.of(5))
        .add("bn1", new BatchNorm2d())
        .add("relu1", Activation.relu())
        .add("fc2", Linear.of(4))
        .add("bn2", new BatchNorm2d())
        .add("fc3", Linear.of(3))
        .build();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "4, 1", "16, 3"})
  void batchesArePooledAsIfTheyWereOne(int leaves, int threads) {
    float[] inputs = inputs(6);
    try (Replica replica = replica(afterLinear(), leaves, threads, true)) {
      float[] parameters = replica.parameters().clone();
      pool(replica, inputs);
      ParameterTable buffers = replica.plan().bufferTable();
      int mean = buffers.entry("bn1.running_mean").begin();
      int variance = buffers.entry("bn1.running_var").begin();
      for (int c = 0; c < 5; c++) {
        double[] values = new double[EXAMPLES];
        for (int e = 0; e < EXAMPLES; e++) {
          for (int i = 0; i < 6; i++) {
            values[e] += (double) parameters[c * 6 + i] * inputs[e * 6 + i]; // biases are 0
          }
        }
        check(values, replica.buffers()[mean + c], replica.buffers()[variance + c]);
      }
      assertThat(replica.parameters()).containsExactly(parameters);
    }
  }

  @Test
  void pixelsOfAChannelCountAlike() {
    Network network =
        Network.named("pictures", Shape.of(3, 4, 5))
            .add("bn1", new BatchNorm2d())
            .add("flatten", new Flatten())
            .add("fc1", Linear.of(3))
            .build();
    float[] inputs = inputs(60);
    try (Replica replica = replica(network, 4, 2, true)) {
      pool(replica, inputs);
      for (int c = 0; c < 3; c++) {
        double[] values = new double[EXAMPLES * 20];
        for (int i = 0; i < values.length; i++) {
          values[i] = inputs[3 * i + c];
        }
        check(values, replica.buffers()[c], replica.buffers()[3 + c]);
      }
    }
  }

  private static void check(double[] values, float mean, float variance) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double expected = sum / values.length;
    double squares = 0;
    for (double value : values) {
      squares += (value - expected) * (value - expected);
    }
    assertThat((double) mean).isCloseTo(expected, within(1e-5));
    assertThat((double) variance).isCloseTo(squares / values.length, within(1e-5));
  }

  @Test
  void withoutDropoutNothingIsDrawn() {
    Network dropping =
        Network.named("dropping", Shape.of(6))
            .add("drop", new Dropout(0.5f))
            .add("bn1", new BatchNorm2d())
            .add("fc1", Linear.of(3))
            .build();
    float[] inputs = inputs(6);
    double[] values = new double[EXAMPLES];
    for (int e = 0; e < EXAMPLES; e++) {
      values[e] = inputs[6 * e];
    }
    try (Replica replica = replica(Dropout.withoutIn(dropping), 1, 1, true)) {
      pool(replica, inputs);
      check(values, replica.buffers()[0], replica.buffers()[6]);
    }
  }

  @Test
  void statisticsOfLeavesAreRefused() {
    try (Replica replica = replica(afterLinear(), 4, 1, false)) {
      assertThatThrownBy(() -> pool(replica, inputs(6)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("whole global batch");
    }
  }
}
