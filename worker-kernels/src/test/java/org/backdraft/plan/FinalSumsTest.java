package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.backdraft.init.Initializer;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a backward pass calls final is final, on any number of threads. */
class FinalSumsTest {
  private static final int CLASSES = 5;

  /** Of the global batch: leaves of unequal size. */
  private static final int EXAMPLES = 13;

  private static final Leaves LEAVES = new Leaves(8);

  /** The worker in the middle of three: its leaves are two nodes of the tree. */
  private static final LeafRange TWO_NODES = LEAVES.rangeOf(1, 3);

  /** The first of four: one array of sums, which is what a large network has room for. */
  private static final LeafRange ONE_NODE = LEAVES.rangeOf(0, 4);

  private static final Shape CLIP = Shape.of(3, 16, 32, 32);
  private static final List<String> SMALL =
      List.of(
          "everything",
          "gated",
          "assisted",
          "volumes",
          "grouped",
          "tokens",
          "bag-of-words",
          "lenet5",
          "lenet5-1998",
          "mlp");
  private static final List<String> MIDDLE =
      List.of("resnet20", "resnet18", "googlenet", "unet", "unet-bilinear");

  /** Much time for what shallower networks of the same kind show. */
  private static final List<String> VERY_DEEP =
      List.of(
          "resnet1202",
          "preresnet1001",
          "preresnet164",
          "resnet110",
          "preresnet110",
          "densenet169",
          "densenet201");

  /** Elements of all arrays of sums that were called final at once, and their hash at that time. */
  private record Told(int begin, int end, long hash) {}

  private static Stream<Arguments> onOneToThreeThreads(Stream<String> names) {
    return names.flatMap(
        name -> IntStream.rangeClosed(1, 3).mapToObj(threads -> Arguments.of(name, threads)));
  }

  static Stream<Arguments> small() {
    return onOneToThreeThreads(Stream.concat(SMALL.stream(), MIDDLE.stream()));
  }

  static Stream<Arguments> pieced() {
    return onOneToThreeThreads(SMALL.stream());
  }

  static Stream<Arguments> large() {
    return onOneToThreeThreads(
        ModelZoo.names().stream()
            .filter(n -> !SMALL.contains(n) && !MIDDLE.contains(n) && !VERY_DEEP.contains(n)));
  }

  @ParameterizedTest
  @MethodSource("small")
  void whatIsCalledFinalIsFinal(String name, int threads) {
    assertFinal(network(name), threads, TWO_NODES, 1);
  }

  @ParameterizedTest
  @MethodSource("large")
  @Tag("full")
  void whatIsCalledFinalIsFinalInLargeNetworks(String name, int threads) {
    assertFinal(network(name), threads, ONE_NODE, 1);
  }

  @ParameterizedTest
  @MethodSource("pieced")
  void whatIsCalledFinalIsFinalOfAllPieces(String name, int threads) {
    assertFinal(network(name), threads, TWO_NODES, 2);
    assertFinal(network(name), threads, ONE_NODE, 2);
    assertFinal(network(name), threads, LEAVES.rangeOf(0, 1), 3);
  }

  private static Network network(String name) {
    if (!ModelZoo.names().contains(name)) {
      return SmallNetworks.named(name);
    }
    Shape input = ModelZoo.defaultInput(name);
    if (input.isVector()) {
      return ModelZoo.create(name, input, CLASSES);
    }
    return ModelZoo.create(name, input.isVolume() ? CLIP : image(name, input.dim(0)), CLASSES);
  }

  /** The least that the network takes, nearly. */
  private static Shape image(String name, int channels) {
    Shape published = ModelZoo.defaultInput(name);
    boolean isSmall = name.startsWith("unet") || published.equals(Shape.of(3, 32, 32));
    boolean isDigit = published.dim(1) == 28;
    int side = isSmall ? 16 : isDigit ? 28 : name.equals("inception_v3") ? 80 : 64;
    return Shape.of(channels, side, side);
  }

  private static void assertFinal(Network network, int threads, LeafRange range, int accumulate) {
    int capacity = localSize(range);
    Plan plan =
        Plan.compile(
            new Plan.Request(
                    network, Loss.SOFTMAX_CROSS_ENTROPY, LEAVES, range, capacity, threads, 0)
                .with(new Plan.Options(accumulate, false)),
            LocalRun.KERNELS);
    assertThat(plan.pieces().nodes()).hasSize(range.equals(TWO_NODES) ? 2 : 1);
    try (Replica replica = new Replica(plan)) {
      Initializer.HE.initialize(network.parameterTable(), replica.parameters(), 7);
      Initializer.HE.initialize(network.bufferTable(), replica.buffers(), 7);
      Batch batch = batch(plan);
      float[][] sums = replica.sums();
      for (int step = 0; step < 2; step++) {
        for (float[] each : sums) {
          Arrays.fill(each, Float.NaN);
        }
        List<Told> told = new ArrayList<>();
        int[] end = {plan.reduction().parameters()};
        replica.trainStep(
            batch,
            1,
            step,
            begin -> {
              assertThat(begin).isLessThan(end[0]);
              told.add(new Told(begin, end[0], hash(sums, begin, end[0])));
              end[0] = begin;
            });

        assertThat(end[0]).as("all is final in the end").isZero();
        for (Told each : told) {
          assertThat(hash(sums, each.begin(), each.end()))
              .as("%s on %d threads: [%d, %d)", network.name(), threads, each.begin(), each.end())
              .isEqualTo(each.hash());
          assertFinite(sums, each);
        }
        assertThat(told).as("calls").hasSizeGreaterThan(1);
        assertThat(told.get(0).begin())
            .as("the last layer is final long before the first")
            .isGreaterThan(0);
      }
    }
  }

  private static void assertFinite(float[][] sums, Told range) {
    for (float[] each : sums) {
      for (int i = range.begin(); i < range.end(); i++) {
        if (!Float.isFinite(each[i])) {
          throw new AssertionError("Element " + i + " must have been written: it is " + each[i]);
        }
      }
    }
  }

  private static long hash(float[][] sums, int begin, int end) {
    long hash = 0;
    for (float[] each : sums) {
      for (int i = begin; i < end; i++) {
        hash = 31 * hash + Float.floatToRawIntBits(each[i]);
      }
    }
    return hash;
  }

  private static int localSize(LeafRange range) {
    return LEAVES.begin(range.end(), EXAMPLES) - LEAVES.begin(range.begin(), EXAMPLES);
  }

  private static Batch batch(Plan plan) {
    Plan.Request request = plan.request();
    Batch batch =
        new Batch(
            ActivationLayout.dense(request.network().input()),
            request.capacity(),
            plan.lossStep().labels());
    batch.reset(localSize(request.leafRange()), EXAMPLES);
    Random random = new Random(3);
    RandomInputs inputs = new RandomInputs(request.network());
    for (int i = 0; i < batch.inputs().length; i++) {
      batch.inputs()[i] = inputs.next(random);
    }
    int classes = request.network().output().dim(0);
    for (int i = 0; i < batch.labels().length; i++) {
      batch.labels()[i] = random.nextInt(classes);
    }
    for (int e = 0; e < batch.size(); e++) {
      batch.exampleIds()[e] = e;
    }
    return batch;
  }
}
