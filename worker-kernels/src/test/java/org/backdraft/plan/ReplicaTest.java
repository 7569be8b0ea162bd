package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.loss.LossSettings;
import org.backdraft.loss.SoftmaxCrossEntropy;
import org.backdraft.nn.Activation;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.optim.Momentum;
import org.backdraft.optim.Sgd;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicaTest {
  private static final ThreadMXBean MEMORY = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static Network linear() {
    return Network.named("linear", Shape.of(3)).add("fc", Linear.of(4)).build();
  }

  @Test
  void theShareOfAStatisticIsItsLayersMomentum() {
    Network network =
        Network.named("two", Shape.of(3))
            .add("fc1", Linear.of(4))
            .add("bn1", new BatchNorm2d())
            .add("fc2", Linear.of(5))
            .build();
    try (LocalRun run = new LocalRun(network, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(2), 1, 1, 4)) {
      Plan plan = run.replica(0).plan();
      float[] shares = plan.statisticsShares();
      assertThat(shares).hasSize(8).containsOnly(0.1f);

      run.replica(0).buffers()[0] = 3;
      float[] sum = new float[plan.reduction().size()];
      sum[plan.reduction().examplesIndex()] = 4;
      sum[plan.reduction().statisticsBegin()] = 4 * 7;
      run.replica(0).update(new Sgd(0), sum, new float[0][], 1, 1);
      assertThat(run.replica(0).buffers()[0]).isCloseTo(3 + shares[0] * (7 - 3), within(1e-6f));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "everything, 1, 1",
    "everything, 3, 1",
    "everything, 1, 3",
    "everything, 3, 8",
    "gated, 1, 1",
    "gated, 3, 1",
    "volumes, 1, 1",
    "volumes, 3, 1",
    "grouped, 1, 1",
    "tokens, 1, 1",
    "tokens, 3, 2",
    "grouped, 3, 1",
    "grouped, 3, 2"
  })
  void aStepAllocatesNothing(String name, int threads, int accumulate) {
    assertAllocatesNothing(name, threads, new Plan.Options(accumulate, false));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aStepWithBatchSumsAllocatesNothing(int threads) {
    assertAllocatesNothing("everything", threads, new Plan.Options(1, true));
  }

  private static void assertAllocatesNothing(String name, int threads, Plan.Options options) {
    Network network = SmallNetworks.named(name);
    Loss loss = Loss.SOFTMAX_CROSS_ENTROPY;
    try (LocalRun run = new LocalRun(network, loss, new Leaves(8), 1, threads, 20, options)) {
      Replica replica = run.replica(0);
      Batch batch = run.batch(0);
      run.fill(0, 20, 1);
      Momentum rule = new Momentum(0.9f, true, 0);
      float[][] state = new float[1][replica.parameters().length];
      int evaluated = Math.min(20, replica.plan().pieceCapacity());
      int labels = 20 * batch.labelsPerExample();
      float[] losses = new float[labels];
      float[] denominators = new float[labels];
      int[] ranks = new int[labels];
      long[] ids = new long[threads];
      ids[0] = Thread.currentThread().getId();
      for (int t = 1; t < threads; t++) {
        ids[t] = replica.teamThreads()[t - 1].getId();
      }
      long least = Long.MAX_VALUE;
      for (int round = 0; round < 400 && least > 0; round++) {
        long before = allocated(ids);
        long own = allocated(ids) - before;
        for (int step = 0; step < 20; step++) {
          batch.reset(20, 20);
          replica.trainStep(batch, 1, 2);
          replica.update(rule, replica.sums()[0], state, 0.001f, 1);
          batch.reset(evaluated, evaluated);
          replica.evaluate(batch, losses, denominators, ranks);
        }
        least = Math.min(least, allocated(ids) - before - 2 * own);
      }
      assertThat(least).as("bytes in 20 steps").isLessThanOrEqualTo(0);
    }
  }

  private static long allocated(long[] ids) {
    long sum = 0;
    for (long id : ids) {
      sum += MEMORY.getThreadAllocatedBytes(id);
    }
    return sum;
  }

  @Test
  void theMemoryReportIsWhatAReplicaAllocates() {
    for (String model : new String[] {"lenet5", "mlp", "resnet20"}) {
      Network network = ModelZoo.create(model, ModelZoo.defaultInput(model), 10);
      Plan.Request request =
          new Plan.Request(
              network,
              Loss.SOFTMAX_CROSS_ENTROPY,
              new Leaves(8),
              new Leaves(8).rangeOf(1, 3),
              9,
              2,
              0);
      theMemoryReportIsWhatAReplicaAllocates(request);
      theMemoryReportIsWhatAReplicaAllocates(request.with(new Plan.Options(2, false)));
      theMemoryReportIsWhatAReplicaAllocates(request.with(new Plan.Options(3, false)));
      theMemoryReportIsWhatAReplicaAllocates(request.with(new Plan.Options(1, true)));
    }
  }

  private static void theMemoryReportIsWhatAReplicaAllocates(Plan.Request request) {
    Plan plan = Plan.compile(request, LocalRun.KERNELS);
    long before = MEMORY.getThreadAllocatedBytes(Thread.currentThread().getId());
    try (Replica replica = new Replica(plan)) {
      long used = MEMORY.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
      assertThat(used)
          .as(request.network().name())
          .isCloseTo(plan.memory().totalBytes(), within(200_000L));
      assertThat(replica.sums())
          .hasNumberOfRows(plan.memory().gradientBuffers() - plan.pieces().partialSums());
    }
  }

  @Test
  void gradientMemoryIsOneBufferForAWholeWorkerHoweverManyLeaves() {
    Network network = ModelZoo.create("vgg16", ModelZoo.defaultInput("vgg16"), 1000);
    Leaves leaves = new Leaves(64);
    Plan.Request request =
        new Plan.Request(
            network, Loss.SOFTMAX_CROSS_ENTROPY, leaves, leaves.rangeOf(0, 1), 4, 2, 1);
    MemoryReport memory = Plan.compile(request, LocalRun.KERNELS).memory();
    assertThat(memory.gradientBuffers()).isEqualTo(1);
    assertThat(memory.gradientBytes()).isEqualTo(4L * (138_357_544 + 7));
    assertThat(memory.optimizerBytes()).isEqualTo(4L * 138_357_544);
  }

  @Test
  void aPlanThatNoArrayCanHoldIsRefused() {
    Network network = ModelZoo.create("vgg16", ModelZoo.defaultInput("vgg16"), 1000);
    Leaves leaves = new Leaves(1);
    Plan.Request request =
        new Plan.Request(
            network, Loss.SOFTMAX_CROSS_ENTROPY, leaves, leaves.rangeOf(0, 1), 4096, 1, 1);
    assertThatThrownBy(() -> Plan.compile(request, LocalRun.KERNELS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("activations")
        .hasMessageContaining("smaller batch or more workers");
  }

  @Test
  void aHeapTooSmallForThePlanIsRefusedBeforeAnythingIsAllocated() {
    Network network = ModelZoo.create("vgg16", ModelZoo.defaultInput("vgg16"), 1000);
    Leaves leaves = new Leaves(1);
    Plan.Request request =
        new Plan.Request(
            network, Loss.SOFTMAX_CROSS_ENTROPY, leaves, leaves.rangeOf(0, 1), 30, 1, 8);
    Plan plan = Plan.compile(request, LocalRun.KERNELS);
    assertThatThrownBy(() -> new Replica(plan))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("vgg16")
        .hasMessageContaining("-Xmx");
  }

  @Test
  void refusesALayerThatLeadsNowhere() {
    Network network =
        Network.named("fork", Shape.of(3))
            .add("fc", Linear.of(4))
            .add("lost", Activation.tanh(), "fc")
            .add("out", Linear.of(2), "fc")
            .build();
    assertThatThrownBy(() -> LocalRun.single(network, 1)).hasMessageContaining("'lost'");
  }

  @Test
  void refusesAnOutputThatTheLossCannotTake() {
    Network image =
        Network.named("image", Shape.of(3, 2, 2)).add("tanh", Activation.tanh()).build();
    for (String name : LossSettings.names()) {
      Loss loss = LossSettings.defaults().create(name);
      if (!name.equals("softmax-cross-entropy")) {
        assertThatThrownBy(() -> new LocalRun(image, loss, new Leaves(1), 1, 1, 1))
            .hasMessageContaining("(3, 2, 2)")
            .hasMessageContaining(name);
      }
    }
    Loss weighted = new SoftmaxCrossEntropy(0, List.of(1f, 2f), -100);
    assertThatThrownBy(() -> new LocalRun(image, weighted, new Leaves(1), 1, 1, 1))
        .hasMessageContaining("loss.class-weights")
        .hasMessageContaining("(3): got 2");
  }

  @Test
  void refusesLabelsThatAreNoClassAndBatchesOfTheWrongSize() {
    try (LocalRun run = new LocalRun(linear(), Loss.SQUARED_ERROR, new Leaves(2), 2, 1, 8)) {
      run.fill(0, 8, 1);
      run.batch(0).labels()[3] = 4;
      assertThatThrownBy(() -> run.replica(0).trainStep(run.batch(0), 0, 0))
          .hasMessageContaining("[0, 4)")
          .hasMessageContaining("example 103 has 4");
      run.batch(0).labels()[3] = 0;
      run.batch(0).reset(3, 8);
      assertThatThrownBy(() -> run.replica(0).trainStep(run.batch(0), 0, 0))
          .hasMessageContaining("must hold the 4 examples");
      run.batch(0).reset(5, 5);
      assertThatThrownBy(() -> run.replica(0).trainStep(run.batch(0), 0, 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void sumsHoldLossHitsAndExamples() {
    try (LocalRun run = new LocalRun(linear(), Loss.SQUARED_ERROR, new Leaves(4), 1, 2, 11)) {
      float[] sums = run.step(11, 3, 0, 0);
      Replica replica = run.replica(0);
      float[] losses = new float[11];
      int[] ranks = new int[11];
      replica.evaluate(run.batch(0), losses, new float[11], ranks);
      double loss = 0;
      int hits = 0;
      for (int e = 0; e < 11; e++) {
        loss += losses[e];
        hits += ranks[e] == 0 ? 1 : 0;
      }
      ReductionLayout layout = replica.plan().reduction();
      assertThat((double) sums[layout.lossIndex()]).isCloseTo(loss, within(1e-5));
      assertThat(sums[layout.correctIndex()]).isEqualTo(hits);
      assertThat(sums[layout.examplesIndex()]).isEqualTo(11);
      assertThat(layout.size()).isEqualTo(16 + 7);
    }
  }

  @Test
  void theRankOfALabelCountsLargerOutputsAndEqualOnesBeforeIt() {
    try (LocalRun run = LocalRun.single(linear(), 4)) {
      Replica replica = run.replica(0);
      java.util.Arrays.fill(replica.parameters(), 0);
      System.arraycopy(new float[] {1, 2, 2, 3}, 0, replica.parameters(), 12, 4);
      run.fill(0, 4, 1);
      int[] ranks = new int[4];
      for (int label = 0; label < 4; label++) {
        run.batch(0).labels()[label] = label;
      }
      replica.evaluate(run.batch(0), new float[4], new float[4], ranks);
      assertThat(ranks).containsExactly(3, 1, 2, 0);
      replica.parameters()[15] = Float.NaN;
      replica.evaluate(run.batch(0), new float[4], new float[4], ranks);
      assertThat(ranks).containsExactly(3, 1, 2, 3);
    }
  }

  @Test
  void namesTheFirstLayerWithANonFiniteOutput() {
    Network network =
        Network.named("three", Shape.of(2))
            .add("fc1", Linear.of(3))
            .add("tanh", Activation.tanh())
            .add("fc2", Linear.of(3))
            .build();
    try (LocalRun run = LocalRun.single(network, 2)) {
      Replica replica = run.replica(0);
      run.step(2, 1, 0, 0);
      assertThat(replica.firstNonFiniteLayer()).isEmpty();
      float[] w = replica.parameters();
      w[replica.plan().parameterTable().entry("fc2.bias").begin() + 1] = Float.NaN;
      run.step(2, 1, 0, 0);
      assertThat(replica.firstNonFiniteLayer()).contains("fc2");
      w[replica.plan().parameterTable().entry("fc1.bias").begin() + 2] = Float.NEGATIVE_INFINITY;
      run.step(2, 1, 0, 0);
      assertThat(replica.firstNonFiniteLayer()).contains("fc1");
    }
  }

  @Test
  void batchNormOfALeafWithOneRowStaysFinite() {
    Network network =
        Network.named("bn", Shape.of(5))
            .add("fc1", Linear.of(6))
            .add("bn", new BatchNorm2d())
            .add("fc2", Linear.of(3))
            .build();
    try (LocalRun run = new LocalRun(network, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(4), 1, 1, 4)) {
      float[] sums = run.step(4, 1, 0, 0);
      for (float each : sums) {
        assertThat(each).isFinite();
      }
      run.update(new Sgd(0), sums, 0.1f);
      int variance = network.bufferTable().entry("bn.running_var").begin();
      assertThat(run.replica(0).buffers()[variance]).isEqualTo(0.9f);
    }
  }

  @Test
  void whatWasUpdatedElsewhereIsTakenOverWithItsStatistics() {
    Network network =
        Network.named("bn", Shape.of(5))
            .add("fc1", Linear.of(6))
            .add("bn", new BatchNorm2d())
            .add("fc2", Linear.of(3))
            .build();
    try (LocalRun elsewhere =
            new LocalRun(network, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(2), 1, 1, 4);
        LocalRun run = new LocalRun(network, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(2), 1, 1, 4)) {
      float[] values = elsewhere.step(4, 1, 0, 0).clone();
      elsewhere.update(new Sgd(0), values, 0.1f);
      float[] updated = elsewhere.replica(0).parameters();
      assertThat(run.replica(0).parameters()).isNotEqualTo(updated);
      System.arraycopy(updated, 0, values, 0, updated.length);

      run.replica(0).take(values);

      assertThat(run.replica(0).parameters()).isEqualTo(updated);
      assertThat(run.replica(0).buffers()).isEqualTo(elsewhere.replica(0).buffers());
      values[ReductionLayout.of(network).examplesIndex()] = 0;
      assertThatThrownBy(() -> run.replica(0).take(values))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least one example");
    }
  }

  @Test
  void runningStatisticsAreTheMeanOverExamples() {
    Network network =
        Network.named("bn", Shape.of(1, 1, 2))
            .add("bn", new BatchNorm2d())
            .add("flat", new Flatten())
            .add("fc", Linear.of(2))
            .build();
    try (LocalRun run = new LocalRun(network, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(2), 1, 1, 3)) {
      run.fill(0, 3, 1);
      Batch batch = run.batch(0);
      // Leaf 0 holds one example (1, 5), leaf 1 two: (2, 4) and (6, 8).
      System.arraycopy(new float[] {1, 5, 2, 4, 6, 8}, 0, batch.inputs(), 0, 6);
      Replica replica = run.replica(0);
      replica.trainStep(batch, 0, 0);
      run.update(new Sgd(0), replica.sums()[0], 0.1f);
      double mean = (3 * 1 + 5 * 2) / 3.0;
      double variance = (8 * 1 + 20 / 3.0 * 2) / 3.0;
      assertThat((double) replica.buffers()[0]).isCloseTo(0.1 * mean, within(1e-6));
      assertThat((double) replica.buffers()[1]).isCloseTo(0.9 + 0.1 * variance, within(1e-6));
    }
  }

  @Test
  void dropoutDependsOnSeedEpochAndExampleAndIsOffInEvaluation() {
    Network network =
        Network.named("drop", Shape.of(40))
            .add("fc1", Linear.of(64))
            .add("drop", new Dropout(0.5f))
            .add("fc2", Linear.of(3))
            .build();
    try (LocalRun run = LocalRun.single(network, 8)) {
      float[] first = run.step(8, 1, 5, 0);
      assertThat(run.step(8, 1, 5, 0)).isEqualTo(first);
      assertThat(run.step(8, 1, 6, 0)).isNotEqualTo(first);
      assertThat(run.step(8, 1, 5, 1)).isNotEqualTo(first);
      Batch batch = run.batch(0);
      batch.exampleIds()[2] = 12345;
      run.replica(0).trainStep(batch, 5, 0);
      assertThat(run.replica(0).sums()[0]).isNotEqualTo(first);
      float[] losses = new float[8];
      float[] again = new float[8];
      run.replica(0).evaluate(batch, losses, new float[8], new int[8]);
      batch.exampleIds()[2] = 999;
      run.replica(0).evaluate(batch, again, new float[8], new int[8]);
      assertThat(again).isEqualTo(losses);
    }
  }
}
