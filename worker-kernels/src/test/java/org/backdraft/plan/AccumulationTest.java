package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.backdraft.init.Initializer;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Activation;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch that is computed in pieces gives the bits of one that is computed at once. */
class AccumulationTest {
  private static final Leaves LEAVES = new Leaves(8);

  /** Leaves of unequal size, a full batch, one with empty leaves and pieces, an empty one. */
  private static final int[] GLOBAL_SIZES = {41, 48, 3, 1, 0};

  private static final int MOST = 48;

  private static Plan.Request request(
      Network network, LeafRange range, int threads, int accumulate) {
    int capacity = 1;
    for (int size : GLOBAL_SIZES) {
      capacity = Math.max(capacity, local(range, size));
    }
    return new Plan.Request(
            network, Loss.SOFTMAX_CROSS_ENTROPY, LEAVES, range, capacity, threads, 1)
        .with(new Plan.Options(accumulate, false));
  }

  private static int local(LeafRange range, int globalSize) {
    return LEAVES.begin(range.end(), globalSize) - LEAVES.begin(range.begin(), globalSize);
  }

  private static Replica replica(Plan.Request request) {
    Replica replica = new Replica(Plan.compile(request, LocalRun.KERNELS));
    initialize(replica);
    return replica;
  }

  private static void initialize(Replica replica) {
    Network network = replica.plan().request().network();
    Initializer.HE.initialize(network.parameterTable(), replica.parameters(), 7);
    Initializer.HE.initialize(network.bufferTable(), replica.buffers(), 7);
  }

  /** The worker's part of a global batch, a pure function of the examples' places in it. */
  private static Batch batch(Plan plan, int globalSize) {
    Plan.Request request = plan.request();
    Batch batch =
        new Batch(
            ActivationLayout.dense(request.network().input()),
            request.capacity(),
            plan.lossStep().labels());
    Arrays.fill(batch.inputs(), Float.NaN);
    Arrays.fill(batch.labels(), -1);
    batch.reset(local(request.leafRange(), globalSize), globalSize);
    int first = LEAVES.begin(request.leafRange().begin(), globalSize);
    int size = batch.layout().size();
    RandomInputs inputs = new RandomInputs(request.network());
    for (int e = 0; e < batch.size(); e++) {
      Random random = new Random(5 * MOST + first + e);
      for (int i = 0; i < size; i++) {
        batch.inputs()[e * size + i] = inputs.next(random);
      }
      for (int i = 0; i < batch.labelsPerExample(); i++) {
        batch.labels()[e * batch.labelsPerExample() + i] = random.nextInt(4);
      }
      batch.exampleIds()[e] = 1000 + first + e;
    }
    return batch;
  }

  private static void assertSameSums(
      Network network, LeafRange range, int threads, int accumulate) {
    try (Replica whole = replica(request(network, range, 1, 1));
        Replica pieced = replica(request(network, range, threads, accumulate))) {
      poison(pieced);
      for (int globalSize : GLOBAL_SIZES) {
        whole.trainStep(batch(whole.plan(), globalSize), 3, 4);
        pieced.trainStep(batch(pieced.plan(), globalSize), 3, 4);
        String what =
            "%s, %s of 8 leaves, %d examples, %d threads, accumulate=%d"
                .formatted(network.name(), range, globalSize, threads, accumulate);
        assertSameBits(pieced.sums(), whole.sums(), what);
      }
    }
  }

  /** A step whose weights are NaN: what the next one does not write anew has a NaN. */
  private static void poison(Replica replica) {
    Arrays.fill(replica.parameters(), Float.NaN);
    replica.trainStep(batch(replica.plan(), MOST), 1, 2);
    initialize(replica);
  }

  private static void assertSameBits(float[][] actual, float[][] expected, String what) {
    assertThat(actual).hasDimensions(expected.length, expected[0].length);
    for (int node = 0; node < expected.length; node++) {
      for (int i = 0; i < expected[node].length; i++) {
        int bits = Float.floatToRawIntBits(expected[node][i]);
        if (Float.floatToRawIntBits(actual[node][i]) != bits) {
          throw new AssertionError(
              "%s: element %d of node %d must be %s, is %s"
                  .formatted(what, i, node, expected[node][i], actual[node][i]));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 8", "0, 1", "0, 3", "1, 4", "3, 8", "1, 7", "1, 8", "4, 8"})
  void piecesDoNotChangeABitOfAnyRunOfLeaves(int begin, int end) {
    LeafRange range = new LeafRange(begin, end);
    for (int accumulate = 1; accumulate <= range.size(); accumulate++) {
      assertSameSums(SmallNetworks.everything(), range, 1 + accumulate % 3, accumulate);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gated", "volumes", "grouped", "tokens"})
  void piecesDoNotChangeABitOfAnyLayer(String name) {
    for (int accumulate : new int[] {2, 3, 8}) {
      assertSameSums(
          SmallNetworks.named(name), new LeafRange(0, 8), 1 + accumulate % 3, accumulate);
    }
    assertSameSums(SmallNetworks.named(name), new LeafRange(1, 8), 2, 4);
  }

  @Test
  void negativeZerosKeepTheirSign() {
    Network network =
        Network.named("tiny", Shape.of(1, 1, 2))
            .add("bn", new BatchNorm2d())
            .add("flat", new Flatten())
            .add("fc", Linear.of(4))
            .build();
    LeafRange range = new LeafRange(1, 8);
    try (Replica whole = replica(request(network, range, 1, 1));
        Replica pieced = replica(request(network, range, 1, 2))) {
      for (Replica each : new Replica[] {whole, pieced}) {
        Batch batch = batch(each.plan(), MOST);
        // The mean of each leaf rounds to −0, which the +0 of a leaf too many would make +0.
        for (int i = 0; i < batch.inputs().length; i++) {
          batch.inputs()[i] = i % 12 == 0 ? -Float.MIN_VALUE : 0;
        }
        each.trainStep(batch, 1, 2);
      }
      assertSameBits(pieced.sums(), whole.sums(), "tiny");
      float mean = whole.sums()[0][whole.plan().reduction().statisticsBegin()];
      assertThat(Float.floatToRawIntBits(mean)).isEqualTo(Float.floatToRawIntBits(-0f));
    }
  }

  @Test
  void memoryFallsWithThePieces() {
    Network network = ModelZoo.create("resnet20", ModelZoo.defaultInput("resnet20"), 10);
    Leaves leaves = new Leaves(8);
    Plan.Request whole =
        new Plan.Request(
            network, Loss.SOFTMAX_CROSS_ENTROPY, leaves, leaves.rangeOf(0, 1), 128, 2, 1);
    MemoryReport before = Plan.compile(whole, LocalRun.KERNELS).memory();
    for (int accumulate = 2; accumulate <= 8; accumulate *= 2) {
      Plan plan = Plan.compile(whole.with(new Plan.Options(accumulate, false)), LocalRun.KERNELS);
      assertThat(plan.pieceCount()).isEqualTo(accumulate);
      assertThat(plan.pieceCapacity()).isEqualTo(128 / accumulate);
      MemoryReport memory = plan.memory();
      assertThat(memory.activationBytes())
          .isBetween(
              before.activationBytes() / accumulate,
              before.activationBytes() / accumulate + 10_000);
      int levels = Integer.numberOfTrailingZeros(accumulate);
      assertThat(memory.gradientBuffers()).isEqualTo(1 + levels);
      assertThat(memory.gradientBytes()).isEqualTo((1 + levels) * before.gradientBytes());
      assertThat(memory.totalBytes()).isLessThan(before.totalBytes() * 3 / (2 * accumulate));
    }
  }

  private static Network threeLayers() {
    return Network.named("three", Shape.of(2))
        .add("fc1", Linear.of(3))
        .add("relu", Activation.relu())
        .add("fc2", Linear.of(4))
        .build();
  }

  /** Names the layer after a step whose first example, and whose last one, are as given. */
  private static String layer(int accumulate, float first, float last) {
    LeafRange range = new LeafRange(0, 8);
    try (Replica replica = replica(request(threeLayers(), range, 1, accumulate))) {
      Arrays.fill(replica.parameters(), 2);
      Batch batch = batch(replica.plan(), 16);
      for (int i = 0; i < batch.labels().length; i++) {
        batch.labels()[i] = 1;
      }
      Arrays.fill(batch.inputs(), 0, 2, first);
      Arrays.fill(batch.inputs(), 30, 32, last);
      replica.trainStep(batch, 1, 0);
      boolean isFinite = Float.isFinite(replica.sums()[0][replica.plan().reduction().lossIndex()]);
      String layer = replica.firstNonFiniteLayer().orElse("none");
      assertThat(isFinite).isEqualTo(layer.equals("none"));

      replica.trainStep(batch(replica.plan(), 3), 1, 0);
      assertThat(replica.firstNonFiniteLayer()).as("after a step that is finite").isEmpty();
      replica.trainStep(batch, 1, 0);
      Batch finite = batch(replica.plan(), 1);
      replica.evaluate(finite, new float[1], new float[1], new int[1]);
      assertThat(replica.firstNonFiniteLayer()).as("after an evaluation").isEmpty();
      return layer;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void theLayerIsNamedWhicheverPieceItIsIn(int accumulate) {
    // 2 · 2 · 8e37 + 2 is finite, and three times the double of that is not.
    float wide = 8e37f;
    assertThat(layer(accumulate, 1, 1)).isEqualTo("none");
    assertThat(layer(accumulate, Float.NaN, 1)).isEqualTo("fc1");
    assertThat(layer(accumulate, 1, Float.NaN)).isEqualTo("fc1");
    assertThat(layer(accumulate, wide, 1)).isEqualTo("fc2");
    assertThat(layer(accumulate, Float.NaN, wide)).isEqualTo("fc1");
    assertThat(layer(accumulate, wide, Float.NaN)).isEqualTo("fc1");
  }

  @Test
  void evaluatesAsManyExamplesAtOnceAsAPieceHas() {
    Network network = SmallNetworks.everything();
    try (Replica whole = replica(request(network, new LeafRange(0, 8), 1, 1));
        Replica pieced = replica(request(network, new LeafRange(0, 8), 2, 4))) {
      int capacity = pieced.plan().pieceCapacity();
      assertThat(capacity).isEqualTo(MOST / 4);
      float[][] losses = new float[2][capacity];
      float[] denominators = new float[capacity];
      int[] ranks = new int[capacity];
      Batch batch = batch(whole.plan(), capacity);
      pieced.trainStep(batch(pieced.plan(), MOST), 1, 0);
      whole.evaluate(batch, losses[0], denominators, ranks);
      pieced.evaluate(batch, losses[1], denominators, ranks);
      assertThat(losses[1]).isEqualTo(losses[0]);
      assertThatThrownBy(
              () ->
                  pieced.evaluate(
                      batch(whole.plan(), MOST), new float[MOST], new float[MOST], new int[MOST]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("plan's 12 examples: got 48");
    }
  }
}
