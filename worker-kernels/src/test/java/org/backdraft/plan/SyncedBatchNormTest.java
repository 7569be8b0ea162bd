package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Activation;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.optim.Momentum;
import org.backdraft.optim.Sgd;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Batch normalization with statistics over the global batch. */
@Timeout(120)
class SyncedBatchNormTest {
  private static final Plan.Options SYNCED = new Plan.Options(1, true);
  private static final Loss LOSS = Loss.SOFTMAX_CROSS_ENTROPY;

  private static LocalRun run(
      Network network, int leaves, int worldSize, int threads, int mostExamples) {
    return new LocalRun(
        network, LOSS, new Leaves(leaves), worldSize, threads, mostExamples, SYNCED);
  }

  private static float[] sums(
      Network network, int leaves, int worldSize, int threads, int examples) {
    try (LocalRun run = run(network, leaves, worldSize, threads, 41)) {
      return run.step(examples, 1, 2, 3);
    }
  }

  /** Fewer examples than leaves too, and than workers. */
  @ParameterizedTest
  @CsvSource({"1,2", "1,3", "2,1", "2,3", "3,1", "3,2", "4,1", "5,2", "8,1"})
  void workersAndThreadsDoNotChangeABit(int worldSize, int threads) {
    for (Network network : List.of(SmallNetworks.everything(), SmallNetworks.residual())) {
      for (int examples : new int[] {1, 3, 16, 41}) {
        float[] expected = sums(network, 8, 1, 1, examples);
        assertThat(IntStream.range(0, expected.length)).allMatch(i -> Float.isFinite(expected[i]));
        assertThat(sums(network, 8, worldSize, threads, examples))
            .as("%s, %d examples", network.name(), examples)
            .containsExactly(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void allWorkersKeepEqualWeightsAndBuffers(int worldSize) {
    Network network = SmallNetworks.everything();
    try (LocalRun one = run(network, 8, 1, 1, 20);
        LocalRun many = run(network, 8, worldSize, 1, 20)) {
      int[] sizes = {20, 20, 3};
      Momentum rule = new Momentum(0.9f, false, 0);
      for (int step = 0; step < sizes.length; step++) {
        one.update(rule, one.step(sizes[step], step, 5, 0), 0.01f);
        many.update(rule, many.step(sizes[step], step, 5, 0), 0.01f);
      }
      for (int rank = 0; rank < worldSize; rank++) {
        assertThat(many.replica(rank).parameters()).isEqualTo(one.replica(0).parameters());
        assertThat(many.replica(rank).buffers()).isEqualTo(one.replica(0).buffers());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 32})
  void anyLeavesGiveWhatOneLeafGives(int leaves) {
    Network network = SmallNetworks.residual();
    float[] expected;
    try (LocalRun run = LocalRun.single(network, 24)) {
      expected = run.step(24, 1, 2, 3).clone();
    }
    float[] actual = sums(network, leaves, 1, 1, 24);
    double squares = 0;
    double errors = 0;
    for (int i = 0; i < expected.length; i++) {
      squares += (double) expected[i] * expected[i];
      errors += (actual[i] - (double) expected[i]) * (actual[i] - (double) expected[i]);
    }
    assertThat(Math.sqrt(errors / squares)).isLessThan(1e-5);
  }

  /** Means up to 1000 deviations away from 0, against sums in double. */
  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void statisticsAreThoseOfAnOracleInDouble(int leaves) {
    int channels = 17;
    int examples = 13;
    Network network =
        Network.named("bare", Shape.of(channels, 5, 31)).add("bn", new BatchNorm2d()).build();
    try (LocalRun run = run(network, leaves, 1, 2, examples)) {
      run.fill(0, examples, 1);
      float[] x = run.batch(0).inputs();
      int rows = examples * 5 * 31;
      Random random = new Random(4);
      for (int i = 0; i < rows * channels; i++) {
        int c = i % channels;
        x[i] = (float) (random.nextGaussian() + (c == 0 ? 0 : c % 2 == 0 ? 1000 : -30));
      }
      Replica replica = run.replica(0);
      replica.trainStep(run.batch(0), 0, 0);
      run.update(new Sgd(0), replica.sums()[0], 0.1f);
      for (int c = 0; c < channels; c++) {
        double mean = 0.1 * mean(x, c, channels, rows);
        assertThat((double) replica.buffers()[c])
            .as("mean of channel %d", c)
            .isCloseTo(mean, within(1e-6 * Math.max(1, Math.abs(mean))));
        double variance = 0.9 + 0.1 * squares(x, c, channels, rows) / (rows - 1);
        assertThat((double) replica.buffers()[channels + c])
            .as("variance of channel %d", c)
            .isCloseTo(variance, within(1e-6));
      }
      float[] y = new float[rows * channels];
      for (int e = 0; e < examples; e++) {
        float[] output = new float[y.length / examples];
        replica.output(e, output);
        System.arraycopy(output, 0, y, e * output.length, output.length);
      }
      for (int c = 0; c < channels; c++) {
        assertThat(mean(y, c, channels, rows)).as("channel %d", c).isCloseTo(0, within(1e-4));
        double variance = squares(y, c, channels, rows) / rows;
        assertThat(variance).as("channel %d", c).isCloseTo(1, within(1e-4));
      }
    }
  }

  private static double mean(float[] x, int channel, int channels, int rows) {
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      sum += x[row * channels + channel];
    }
    return sum / rows;
  }

  private static double squares(float[] x, int channel, int channels, int rows) {
    double mean = mean(x, channel, channels, rows);
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      double distance = x[row * channels + channel] - mean;
      sum += distance * distance;
    }
    return sum;
  }

  @Test
  void aGlobalBatchOfOneRowStaysFinite() {
    Network network =
        Network.named("bn", Shape.of(5))
            .add("fc1", Linear.of(6))
            .add("bn", new BatchNorm2d())
            .add("fc2", Linear.of(3))
            .build();
    try (LocalRun run = run(network, 4, 1, 1, 4)) {
      float[] sums = run.step(1, 1, 0, 0);
      assertThat(IntStream.range(0, sums.length)).allMatch(i -> Float.isFinite(sums[i]));
      run.update(new Sgd(0), sums, 0.1f);
      int variance = network.bufferTable().entry("bn.running_var").begin();
      assertThat(run.replica(0).buffers()[variance]).isEqualTo(0.9f);
    }
  }

  @Test
  void evaluationTakesTheRunningStatisticsAndAsksNobody() {
    Network network = SmallNetworks.residual();
    float[] losses = new float[6];
    float[] expected = new float[6];
    try (LocalRun synced = run(network, 4, 2, 1, 12);
        LocalRun plain = new LocalRun(network, LOSS, new Leaves(4), 2, 1, 12)) {
      float[] unused = synced.step(12, 1, 2, 3);
      plain.fill(0, 12, 1);
      plain.replica(0).evaluate(plain.batch(0), expected, new float[6], new int[6]);
      synced.replica(0).evaluate(synced.batch(0), losses, new float[6], new int[6]);
      assertThat(losses).containsExactly(expected);
    }
  }

  @Test
  void aWorkerWithoutTheOthersIsRefused() {
    try (LocalRun run = run(SmallNetworks.residual(), 4, 2, 1, 8)) {
      run.fill(0, 8, 1);
      assertThatThrownBy(() -> run.replica(0).trainStep(run.batch(0), 1, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("all of its 4 leaves")
          .hasMessageContaining("begin=0, end=2");
    }
  }

  private static Plan plan(Network network, LeafRange range, int capacity, int threads) {
    Plan.Request request =
        new Plan.Request(network, LOSS, new Leaves(8), range, capacity, threads, 0);
    return Plan.compile(request.with(SYNCED), LocalRun.KERNELS);
  }

  /** Much time for what shallower networks of the same kind show. */
  private static final List<String> VERY_DEEP =
      List.of("resnet1202", "preresnet1001", "densenet169", "densenet201");

  static List<String> normalized() {
    return ModelZoo.names().stream()
        .filter(name -> !VERY_DEEP.contains(name))
        .filter(
            name -> ModelZoo.create(name, ModelZoo.defaultInput(name), 10).bufferTable().size() > 0)
        .toList();
  }

  /**
   * Sections differ where threads do not divide the examples, but not what all workers exchange. A
   * plan that cannot keep the order does not compile.
   */
  @ParameterizedTest
  @MethodSource("normalized")
  void theOrderOfExchangesDependsOnTheNetworkAlone(String name) {
    Network network = ModelZoo.create(name, ModelZoo.defaultInput(name), 10);
    Plan one = plan(network, new LeafRange(0, 8), 1, 1);
    long layers =
        network.nodes().stream().filter(node -> node.layer() instanceof BatchNorm2d).count();
    assertThat(one.batchSumsBefore(0)).isEqualTo(Math.toIntExact(layers));
    for (int threads = 1; threads <= 3; threads++) {
      for (int capacity = 1; capacity <= 4; capacity++) {
        Plan other = plan(network, new LeafRange(2, 5), capacity, threads);
        assertThat(exchanges(other, false)).isEqualTo(exchanges(one, false));
        assertThat(exchanges(other, true)).isEqualTo(exchanges(one, true));
        for (var entry : network.parameterTable().entries()) {
          assertThat(other.batchSumsBefore(entry.begin()))
              .as("%s of %s", entry.name(), name)
              .isEqualTo(one.batchSumsBefore(entry.begin()));
        }
      }
    }
  }

  private static int[] exchanges(Plan plan, boolean backward) {
    List<Schedule.Section> sections = backward ? plan.backward() : plan.forward();
    return sections.stream().mapToInt(Schedule.Section::batchSums).filter(n -> n > 0).toArray();
  }

  /** What the test before this one guards against. */
  @Test
  void whenGradientsAreFinalDependsOnThreads() {
    Network network =
        Network.named("net", Shape.of(3, 8, 8))
            .add("conv1", Conv2d.of(16, 3))
            .add("bn1", new BatchNorm2d())
            .add("relu1", Activation.relu())
            .add("conv2", Conv2d.of(16, 1))
            .add("flat", new Flatten())
            .add("fc", Linear.of(4))
            .build();
    int conv2 = network.parameterTable().entry("conv2.weight").begin();
    assertThat(sumsBeforeFinal(plan(network, new LeafRange(0, 8), 4, 2), conv2)).isEqualTo(1);
    assertThat(sumsBeforeFinal(plan(network, new LeafRange(0, 8), 3, 2), conv2)).isEqualTo(0);
    assertThat(plan(network, new LeafRange(0, 8), 3, 2).batchSumsBefore(conv2)).isEqualTo(1);
  }

  private static int sumsBeforeFinal(Plan plan, int parameter) {
    int sums = 0;
    for (int section = 0; section < plan.backward().size(); section++) {
      sums += plan.backward().get(section).batchSums() > 0 ? 1 : 0;
      if (plan.finalFrom(section) <= parameter) {
        return sums;
      }
    }
    throw new AssertionError("never final");
  }
}
