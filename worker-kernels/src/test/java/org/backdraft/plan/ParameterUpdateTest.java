package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.backdraft.concurrent.Team;
import org.backdraft.kernel.UpdateKernels;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.GradientRule;
import org.backdraft.optim.Lamb;
import org.backdraft.optim.Lars;
import org.backdraft.optim.Optimizer;
import org.backdraft.optim.OptimizerSettings;
import org.backdraft.optim.ParameterGroups;
import org.backdraft.optim.Rprop;
import org.backdraft.optim.Sgd;
import org.backdraft.optim.TensorRules;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.backdraft.text.Glob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Updates of several tensors at once: norms, trust ratios, and independence of threads. */
class ParameterUpdateTest {
  private static final UpdateKernels KERNELS = LocalRun.KERNELS.update();

  /** Weights longer than several blocks, a bias, and others that leave blocks half full. */
  private static final ParameterTable TABLE =
      new ParameterTable(
          List.of(
              spec("fc1.weight", 5 * 4096 + 17, ParameterSpec.Role.WEIGHT),
              spec("fc1.bias", 33, ParameterSpec.Role.BIAS),
              spec("bn.weight", 4097, ParameterSpec.Role.SCALE),
              spec("fc2.weight", 8192, ParameterSpec.Role.WEIGHT),
              spec("fc2.bias", 1, ParameterSpec.Role.BIAS)));

  private static final ParameterBlocks BLOCKS = new ParameterBlocks(TABLE);
  private static final OwnedParameters ALL = OwnedParameters.all(BLOCKS);

  private static ParameterSpec spec(String name, int length, ParameterSpec.Role role) {
    return new ParameterSpec(name, Shape.of(length), role, 1, 1);
  }

  private static TensorRules alike(Optimizer rule) {
    return TensorRules.of(rule, TABLE);
  }

  private static TensorRules defaults(String name) {
    return alike(OptimizerSettings.defaults(name).create(name));
  }

  private static float[] threeSteps(TensorRules rules, Clipping clipping, int threads)
      throws IOException {
    float[] w = GoldenData.signedUnit(1, TABLE.size());
    float[][] state = new float[rules.optimizer().stateSlots()][TABLE.size()];
    try (Team team = new Team(threads)) {
      ParameterUpdate update = new ParameterUpdate(KERNELS, team, TABLE, ALL, w);
      for (int step = 1; step <= 3; step++) {
        float[] g = GoldenData.signedUnit(10 + step, TABLE.size());
        update.run(rules, clipping, g, state, 3, 0.01f, step, UpdatePeers.NONE);
      }
    }
    return w;
  }

  static List<String> names() {
    return OptimizerSettings.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void threadsDoNotChangeABit(String name) throws IOException {
    TensorRules rules = defaults(name);
    for (Clipping clipping : List.of(Clipping.NONE, new Clipping(0.5f, 0), new Clipping(0, 0.1f))) {
      float[] expected = threeSteps(rules, clipping, 1);
      assertThat(expected).doesNotContain(Float.NaN);
      for (int threads = 2; threads <= 5; threads++) {
        assertThat(threeSteps(rules, clipping, threads))
            .as("%d threads", threads)
            .isEqualTo(expected);
      }
    }
  }

  /** Ranges of blocks, out of order, an empty one between them; dealt to three workers. */
  private static final int[][][] SHARDS = {
    {{8192, 20497}, {0, 0}},
    {{0, 8192}, {28723, 32819}, {32819, 32820}},
    {{20497, 20530}, {20530, 28723}}
  };

  private static OwnedParameters owned(int[][] ranges) {
    int[] begins = Arrays.stream(ranges).mapToInt(range -> range[0]).toArray();
    int[] ends = Arrays.stream(ranges).mapToInt(range -> range[1]).toArray();
    return new OwnedParameters(BLOCKS, begins, ends);
  }

  /** Adds what each worker has measured, as a gang does, by threads that wait for each other. */
  private static final class Gang {
    private final CyclicBarrier barrier = new CyclicBarrier(SHARDS.length);
    private final double[][][] shared = new double[SHARDS.length][][];

    UpdatePeers peers(int rank, List<Integer> updated) {
      return new UpdatePeers() {
        @Override
        public void share(double[][] blockSums) throws IOException {
          shared[rank] = Arrays.stream(blockSums).map(double[]::clone).toArray(double[][]::new);
          await();
          for (int kind = 0; kind < blockSums.length; kind++) {
            for (int block = 0; block < BLOCKS.count(); block++) {
              int at = block;
              int which = kind;
              double[] all = Arrays.stream(shared).mapToDouble(s -> s[which][at]).toArray();
              assertThat(Arrays.stream(all).filter(each -> each != 0).count()).isLessThan(2);
              blockSums[kind][block] = Arrays.stream(all).sum();
            }
          }
          await();
        }

        @Override
        public void updated(int range) {
          updated.add(range);
        }
      };
    }

    private void await() throws IOException {
      try {
        barrier.await(20, TimeUnit.SECONDS);
      } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
        throw new IOException(e);
      }
    }
  }

  /** What three workers make of their parts, put together. */
  private static float[] threeStepsOfThreeWorkers(TensorRules rules, Clipping clipping, int threads)
      throws Exception {
    float[] w = new float[TABLE.size()];
    Gang gang = new Gang();
    ExecutorService workers = Executors.newFixedThreadPool(SHARDS.length);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int rank = 0; rank < SHARDS.length; rank++) {
        int worker = rank;
        ends.add(workers.submit(() -> threeStepsOf(worker, rules, clipping, threads, gang, w)));
      }
      for (Future<?> end : ends) {
        Object unused = end.get(30, TimeUnit.SECONDS);
      }
    } finally {
      workers.shutdownNow();
    }
    return w;
  }

  private static Void threeStepsOf(
      int rank, TensorRules rules, Clipping clipping, int threads, Gang gang, float[] to)
      throws IOException {
    OwnedParameters owned = owned(SHARDS[rank]);
    float[] w = GoldenData.signedUnit(1, TABLE.size());
    float[][] state = new float[rules.optimizer().stateSlots()][owned.size()];
    try (Team team = new Team(threads)) {
      ParameterUpdate update = new ParameterUpdate(KERNELS, team, TABLE, owned, w);
      for (int step = 1; step <= 3; step++) {
        float[] g = GoldenData.signedUnit(10 + step, TABLE.size());
        float[] mine = new float[TABLE.size()];
        Arrays.fill(mine, Float.NaN);
        List<Integer> updated = new ArrayList<>();
        for (int range = 0; range < owned.ranges(); range++) {
          int begin = owned.begin(range);
          System.arraycopy(g, begin, mine, begin, owned.end(range) - begin);
        }
        update.run(rules, clipping, mine, state, 3, 0.01f, step, gang.peers(rank, updated));
        int last = SHARDS[rank].length - 1;
        assertThat(updated)
            .isEqualTo(IntStream.rangeClosed(0, last).map(i -> last - i).boxed().toList());
      }
    }
    float[] start = GoldenData.signedUnit(1, TABLE.size());
    for (int range = 0; range < owned.ranges(); range++) {
      int begin = owned.begin(range);
      System.arraycopy(w, begin, to, begin, owned.end(range) - begin);
      System.arraycopy(start, begin, w, begin, owned.end(range) - begin);
    }
    assertThat(w).as("what others own").isEqualTo(start);
    return null;
  }

  @ParameterizedTest
  @MethodSource("names")
  void workersThatOwnPartsGiveTheBitsOfOne(String name) throws Exception {
    TensorRules rules = defaults(name);
    for (Clipping clipping : List.of(Clipping.NONE, new Clipping(0.5f, 0), new Clipping(0, 0.1f))) {
      float[] expected = threeSteps(rules, clipping, 1);
      for (int threads = 1; threads <= 2; threads++) {
        assertThat(threeStepsOfThreeWorkers(rules, clipping, threads))
            .as("%d threads", threads)
            .isEqualTo(expected);
      }
    }
  }

  /** A frozen tensor, one with a rate of its own, one with another decay, and others. */
  private static TensorRules grouped(String name) {
    Optimizer rule = OptimizerSettings.defaults(name).create(name);
    boolean decays = !(rule instanceof Rprop || rule instanceof GradientRule);
    ParameterGroups groups =
        new ParameterGroups(
            List.of(
                new ParameterGroups.Group(
                    new Glob("fc1.w*"), 0.5f, decays ? 0.1f : ParameterGroups.Group.SAME_DECAY),
                new ParameterGroups.Group(new Glob("*.bias"), 3, ParameterGroups.Group.SAME_DECAY)),
            List.of(new Glob("bn.*")),
            false);
    return new TensorRules(rule, groups, TABLE);
  }

  @ParameterizedTest
  @MethodSource("names")
  void groupsGiveTheBitsOfOneOnAnyWorkersAndThreads(String name) throws Exception {
    TensorRules rules = grouped(name);
    for (Clipping clipping : List.of(Clipping.NONE, new Clipping(0.5f, 0))) {
      float[] expected = threeSteps(rules, clipping, 1);
      assertThat(threeSteps(rules, clipping, 3)).isEqualTo(expected);
      assertThat(threeStepsOfThreeWorkers(rules, clipping, 2)).isEqualTo(expected);
      assertThat(expected).isNotEqualTo(threeSteps(defaults(name), clipping, 1));
    }
  }

  @Test
  void everyTensorIsTreatedAsItsGroupSays() throws IOException {
    ParameterGroups groups =
        new ParameterGroups(
            List.of(
                new ParameterGroups.Group(new Glob("fc1.*"), 0.1f, 0),
                new ParameterGroups.Group(
                    new Glob("*.weight"), 2, ParameterGroups.Group.SAME_DECAY)),
            List.of(new Glob("bn.weight")),
            false);
    float[] start = GoldenData.signedUnit(1, TABLE.size());
    float[] g = GoldenData.signedUnit(2, TABLE.size());
    float[] w = start.clone();
    try (Team team = new Team(2)) {
      new ParameterUpdate(KERNELS, team, TABLE, ALL, w)
          .run(
              new TensorRules(new Sgd(0.5f), groups, TABLE),
              Clipping.NONE,
              g,
              new float[0][],
              2,
              0.1f,
              1,
              UpdatePeers.NONE);
    }
    for (ParameterTable.Entry entry : TABLE.entries()) {
      double[] rateAndDecay =
          switch (entry.name()) {
            case "fc1.weight", "fc1.bias" -> new double[] {0.01, 0};
            case "bn.weight" -> new double[] {0, 0};
            case "fc2.weight" -> new double[] {0.2, 0.5};
            default -> new double[] {0.1, 0}; // no decay of a bias
          };
      for (int i = entry.begin(); i < entry.end(); i += 7) {
        double expected = start[i] - rateAndDecay[0] * (g[i] / 2 + rateAndDecay[1] * start[i]);
        assertThat((double) w[i]).as(entry.name()).isCloseTo(expected, within(2e-7));
      }
    }
  }

  @Test
  void frozenTensorsAreNoPartOfTheNorm() throws IOException {
    ParameterGroups groups = new ParameterGroups(List.of(), List.of(new Glob("fc*")), true);
    float[] g = new float[TABLE.size()];
    Arrays.fill(g, 1);
    ParameterTable.Entry learned = TABLE.entry("bn.weight");
    float[] start = GoldenData.signedUnit(1, TABLE.size());
    float[] w = start.clone();
    try (Team team = new Team(2)) {
      new ParameterUpdate(KERNELS, team, TABLE, ALL, w)
          .run(
              new TensorRules(new Sgd(0), groups, TABLE),
              new Clipping(2, 0),
              g,
              new float[0][],
              1,
              1,
              1,
              UpdatePeers.NONE);
    }
    double step = 2 / Math.sqrt(learned.length());
    for (int i = 0; i < w.length; i++) {
      boolean isLearned = i >= learned.begin() && i < learned.end();
      assertThat((double) start[i] - w[i]).isCloseTo(isLearned ? step : 0, within(1e-6));
    }
  }

  @Test
  void ownedRangesMustBeWholeBlocksAndApart() {
    assertThat(owned(SHARDS[1]).size()).isEqualTo(8192 + 4096 + 1);
    assertThatThrownBy(() -> owned(new int[][] {{0, 5000}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("whole blocks")
        .hasMessageContaining("5000");
    assertThatThrownBy(() -> owned(new int[][] {{4096, 0}})).hasMessageContaining("[4096, 0)");
    assertThatThrownBy(() -> owned(new int[][] {{0, 8192}, {4096, 8192}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("overlap")
        .hasMessageContaining("4096");
  }

  @Test
  void aClippedGradientHasTheGivenNorm() throws IOException {
    float[] plain = GoldenData.signedUnit(1, TABLE.size());
    float[] clipped = plain.clone();
    float[] g = GoldenData.signedUnit(2, TABLE.size());
    double squares = 0;
    for (float each : g) {
      squares += (double) each * each / 9;
    }
    try (Team team = new Team(2)) {
      new ParameterUpdate(KERNELS, team, TABLE, ALL, clipped)
          .run(alike(new Sgd(0)), new Clipping(2, 0), g, new float[0][], 3, 1, 1, UpdatePeers.NONE);
    }
    double moved = 0;
    for (int i = 0; i < g.length; i++) {
      double step = (double) plain[i] - clipped[i];
      assertThat(step).isCloseTo(g[i] / 3 * 2 / Math.sqrt(squares), within(1e-6));
      moved += step * step;
    }
    assertThat(Math.sqrt(moved)).isCloseTo(2, within(1e-4));
  }

  @Test
  void aGradientBelowTheNormIsLeftAlone() throws IOException {
    assertThat(threeSteps(alike(new Sgd(0)), new Clipping(1000, 0), 2))
        .isEqualTo(threeSteps(alike(new Sgd(0)), Clipping.NONE, 2));
  }

  private static double norm(float[] x, ParameterTable.Entry entry) {
    double squares = 0;
    for (int i = entry.begin(); i < entry.end(); i++) {
      squares += (double) x[i] * x[i];
    }
    return Math.sqrt(squares);
  }

  private static float[] oneStep(Optimizer rule, float[] g, float rate) throws IOException {
    float[] w = GoldenData.signedUnit(1, TABLE.size());
    try (Team team = new Team(2)) {
      new ParameterUpdate(KERNELS, team, TABLE, ALL, w)
          .run(
              alike(rule),
              Clipping.NONE,
              g,
              new float[rule.stateSlots()][w.length],
              2,
              rate,
              1,
              UpdatePeers.NONE);
    }
    return w;
  }

  @Test
  void larsGivesEachWeightItsRateAndLeavesBiasesAndNormsAlone() throws IOException {
    float[] start = GoldenData.signedUnit(1, TABLE.size());
    float[] g = GoldenData.signedUnit(2, TABLE.size());
    float[] w = oneStep(new Lars(0.9f, 0.02f, 0.1f), g, 0.5f);
    for (ParameterTable.Entry entry : TABLE.entries()) {
      boolean isAdapted = entry.spec().role() == ParameterSpec.Role.WEIGHT;
      double norm = norm(start, entry);
      double ratio = isAdapted ? 0.02 * norm / (norm(g, entry) / 2 + 0.1 * norm) : 1;
      double decay = isAdapted ? 0.1 : 0;
      for (int i = entry.begin(); i < entry.end(); i += 7) {
        double step = 0.5 * ratio * (g[i] / 2 + decay * start[i]);
        assertThat((double) w[i]).as(entry.name()).isCloseTo(start[i] - step, within(2e-7));
      }
    }
  }

  @Test
  void lambMovesEachWeightByTheRateTimesItsNorm() throws IOException {
    float[] start = GoldenData.signedUnit(1, TABLE.size());
    float[] g = GoldenData.signedUnit(2, TABLE.size());
    float[] w = oneStep(new Lamb(0.9f, 0.999f, 1e-6f, 0.1f), g, 0.01f);
    float[] moved = w.clone();
    for (int i = 0; i < w.length; i++) {
      moved[i] -= start[i];
    }
    for (ParameterTable.Entry entry : TABLE.entries()) {
      boolean isAdapted = entry.spec().role() == ParameterSpec.Role.WEIGHT;
      // The first direction of Adam is ±1, so that of a bias has the root of its length.
      double expected = 0.01 * (isAdapted ? norm(start, entry) : Math.sqrt(entry.length()));
      assertThat(norm(moved, entry)).as(entry.name()).isCloseTo(expected, within(1e-4 * expected));
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void updatesAllocateNothing(String name) throws IOException {
    TensorRules rules = grouped(name);
    Clipping clipping = new Clipping(0.5f, 0);
    float[] w = GoldenData.signedUnit(1, TABLE.size());
    float[] g = GoldenData.signedUnit(2, TABLE.size());
    float[][] state = new float[rules.optimizer().stateSlots()][TABLE.size()];
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = Long.MAX_VALUE;
    try (Team team = new Team(1)) {
      ParameterUpdate update = new ParameterUpdate(KERNELS, team, TABLE, ALL, w);
      // Compilation happens beside us: rounds go on until one is clean.
      for (int round = 0; round < 200 && allocated != 0; round++) {
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (int i = 0; i < 100; i++) {
          update.run(rules, clipping, g, state, 3, 1e-6f, 2 + i, UpdatePeers.NONE);
        }
        allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
      }
    }
    assertThat(allocated).isZero();
  }
}
