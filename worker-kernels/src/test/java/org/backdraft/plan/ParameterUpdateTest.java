package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.backdraft.concurrent.Team;
import org.backdraft.kernel.UpdateKernels;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.Lamb;
import org.backdraft.optim.Lars;
import org.backdraft.optim.Optimizer;
import org.backdraft.optim.OptimizerSettings;
import org.backdraft.optim.Sgd;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
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

  private static ParameterSpec spec(String name, int length, ParameterSpec.Role role) {
    return new ParameterSpec(name, Shape.of(length), role, 1, 1);
  }

  private static float[] threeSteps(Optimizer rule, Clipping clipping, int threads) {
    float[] w = GoldenData.signedUnit(1, TABLE.size());
    float[][] state = new float[rule.stateSlots()][TABLE.size()];
    try (Team team = new Team(threads)) {
      ParameterUpdate update = new ParameterUpdate(KERNELS, team, TABLE, w);
      for (int step = 1; step <= 3; step++) {
        float[] g = GoldenData.signedUnit(10 + step, TABLE.size());
        update.run(rule, clipping, g, state, 3, 0.01f, step);
      }
    }
    return w;
  }

  static List<String> names() {
    return OptimizerSettings.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void threadsDoNotChangeABit(String name) {
    Optimizer rule = OptimizerSettings.defaults(name).create(name);
    for (Clipping clipping : List.of(Clipping.NONE, new Clipping(0.5f, 0), new Clipping(0, 0.1f))) {
      float[] expected = threeSteps(rule, clipping, 1);
      assertThat(expected).doesNotContain(Float.NaN);
      for (int threads = 2; threads <= 5; threads++) {
        assertThat(threeSteps(rule, clipping, threads))
            .as("%d threads", threads)
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void aClippedGradientHasTheGivenNorm() {
    float[] plain = GoldenData.signedUnit(1, TABLE.size());
    float[] clipped = plain.clone();
    float[] g = GoldenData.signedUnit(2, TABLE.size());
    double squares = 0;
    for (float each : g) {
      squares += (double) each * each / 9;
    }
    try (Team team = new Team(2)) {
      new ParameterUpdate(KERNELS, team, TABLE, clipped)
          .run(new Sgd(0), new Clipping(2, 0), g, new float[0][], 3, 1, 1);
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
  void aGradientBelowTheNormIsLeftAlone() {
    assertThat(threeSteps(new Sgd(0), new Clipping(1000, 0), 2))
        .isEqualTo(threeSteps(new Sgd(0), Clipping.NONE, 2));
  }

  private static double norm(float[] x, ParameterTable.Entry entry) {
    double squares = 0;
    for (int i = entry.begin(); i < entry.end(); i++) {
      squares += (double) x[i] * x[i];
    }
    return Math.sqrt(squares);
  }

  private static float[] oneStep(Optimizer rule, float[] g, float rate) {
    float[] w = GoldenData.signedUnit(1, TABLE.size());
    try (Team team = new Team(2)) {
      new ParameterUpdate(KERNELS, team, TABLE, w)
          .run(rule, Clipping.NONE, g, new float[rule.stateSlots()][w.length], 2, rate, 1);
    }
    return w;
  }

  @Test
  void larsGivesEachWeightItsRateAndLeavesBiasesAndNormsAlone() {
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
  void lambMovesEachWeightByTheRateTimesItsNorm() {
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
  void updatesAllocateNothing(String name) {
    Optimizer rule = OptimizerSettings.defaults(name).create(name);
    Clipping clipping = new Clipping(0.5f, 0);
    float[] w = GoldenData.signedUnit(1, TABLE.size());
    float[] g = GoldenData.signedUnit(2, TABLE.size());
    float[][] state = new float[rule.stateSlots()][TABLE.size()];
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = Long.MAX_VALUE;
    try (Team team = new Team(1)) {
      ParameterUpdate update = new ParameterUpdate(KERNELS, team, TABLE, w);
      // Compilation happens beside us: rounds go on until one is clean.
      for (int round = 0; round < 200 && allocated != 0; round++) {
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (int i = 0; i < 100; i++) {
          update.run(rule, clipping, g, state, 3, 1e-6f, 2 + i);
        }
        allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
      }
    }
    assertThat(allocated).isZero();
  }
}
