package org.backdraft.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.UpdateKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizersTest {
  private static final UpdateKernels KERNELS = KernelLookup.choose().kernels().update();

  /** Three steps from w = 1 with gradient sums 2, 4, −2 over 2 examples: gradients 1, 2, −1. */
  private static float[] threeSteps(Optimizer rule, float rate) {
    float[] w = {1};
    float[][] state = new float[rule.stateSlots()][1];
    float[] trace = new float[3];
    float[] sums = {2, 4, -2};
    for (int step = 1; step <= 3; step++) {
      rule.update(KERNELS, w, new float[] {sums[step - 1]}, state, 0, 1, 2, rate, step);
      trace[step - 1] = w[0];
    }
    return trace;
  }

  private static void assertNear(float[] actual, double... expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).as("step %d", i + 1).isCloseTo(expected[i], within(2e-7));
    }
  }

  @Test
  void sgdByHand() {
    assertNear(threeSteps(new Sgd(0), 0.1f), 0.9, 0.7, 0.8);
    // With decay 0.5: gradients 1.5, 2 + 0.425, −1 + 0.30375.
    assertNear(threeSteps(new Sgd(0.5f), 0.1f), 0.85, 0.6075, 0.677125);
  }

  @Test
  void momentumByHand() {
    // v = 1, 2.5, 0.25.
    assertNear(threeSteps(new Momentum(0.5f, false, 0), 0.1f), 0.9, 0.65, 0.625);
  }

  @Test
  void nesterovByHand() {
    // gradient + v/2 = 1.5, 3.25, −0.875.
    assertNear(threeSteps(new Momentum(0.5f, true, 0), 0.1f), 0.85, 0.525, 0.6125);
  }

  @Test
  void adamByHand() {
    // β1 = 0.5, β2 = 0.75: m = 0.5, 1.25, 0.125; v = 0.25, 1.1875, 1.140625;
    // m̂ = 1, 1.25/0.75, 0.125/0.875; v̂ = 1, 1.1875/0.4375, 1.140625/0.578125.
    double w1 = 1 - 0.1;
    double w2 = w1 - 0.1 * (1.25 / 0.75) / Math.sqrt(1.1875 / 0.4375);
    double w3 = w2 - 0.1 * (0.125 / 0.875) / Math.sqrt(1.140625 / 0.578125);
    assertNear(threeSteps(new Adam(0.5f, 0.75f, 1e-8f, 0), 0.1f), w1, w2, w3);
  }

  static Stream<Arguments> problems() {
    return Stream.of(
        Arguments.of(new Sgd(0), 0.1f, 0.001f, 20_000),
        Arguments.of(new Momentum(0.9f, false, 0), 0.02f, 0.0005f, 8_000),
        Arguments.of(new Momentum(0.9f, true, 0), 0.02f, 0.0005f, 8_000),
        Arguments.of(Adam.standard(), 0.05f, 0.02f, 8_000));
  }

  @ParameterizedTest
  @MethodSource("problems")
  void findsTheLowestPointOfAParabola(Optimizer rule, float rate, float unused, int steps) {
    float[] w = {3, -4};
    float[][] state = new float[rule.stateSlots()][2];
    for (int step = 1; step <= 1000; step++) {
      float[] g = {2 * (w[0] - 1), 4 * (w[1] + 2)};
      rule.update(KERNELS, w, g, state, 0, 2, 1, rate, step);
    }
    assertThat((double) w[0]).isCloseTo(1, within(1e-5));
    assertThat((double) w[1]).isCloseTo(-2, within(1e-5));
  }

  @ParameterizedTest
  @MethodSource("problems")
  void findsTheLowestPointOfRosenbrocksValley(Optimizer rule, float unused, float rate, int steps) {
    float[] w = {-1, 1.5f};
    float[][] state = new float[rule.stateSlots()][2];
    for (int step = 1; step <= steps; step++) {
      float x = w[0];
      float y = w[1];
      float[] g = {-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)};
      rule.update(KERNELS, w, g, state, 0, 2, 1, rate, step);
    }
    assertThat((double) w[0]).isCloseTo(1, within(0.01));
    assertThat((double) w[1]).isCloseTo(1, within(0.02));
  }

  @Test
  void updatesItsRangeAlone() {
    for (Optimizer rule : new Optimizer[] {new Sgd(0), new Momentum(0, true, 0), Adam.standard()}) {
      float[] w = {1, 1, 1, 1};
      rule.update(
          KERNELS, w, new float[] {1, 1, 1, 1}, new float[rule.stateSlots()][4], 1, 3, 1, 0.1f, 1);
      assertThat(w[0]).isEqualTo(1);
      assertThat(w[3]).isEqualTo(1);
      assertThat(w[1]).isEqualTo(w[2]).isLessThan(1);
    }
  }

  @Test
  void optimizersHaveNames() {
    OptimizerSettings settings = new OptimizerSettings(0.9f, false, 0.1f, 0.9f, 0.999f, 1e-8f);
    for (String name : OptimizerSettings.names()) {
      if (!name.equals("sgd")) {
        assertThat(settings.create(name).name()).isEqualTo(name);
      }
    }
    assertThat(settings.create("sgd")).isEqualTo(new Momentum(0.9f, false, 0.1f));
    assertThat(new OptimizerSettings(0, false, 0.1f, 0, 0, 0).create("sgd"))
        .isEqualTo(new Sgd(0.1f));
    assertThatThrownBy(() -> settings.create("adamw"))
        .hasMessageContaining("[adam, momentum, nesterov, sgd]: got 'adamw'");
  }

  @Test
  void settingsOutOfRangeAreRefusedByTheirKey() {
    assertThatThrownBy(() -> new Momentum(1, false, 0)).hasMessageContaining("optimizer.momentum");
    assertThatThrownBy(() -> new Sgd(-1)).hasMessageContaining("optimizer.weight-decay");
    assertThatThrownBy(() -> new Adam(0.9f, Float.NaN, 1, 0))
        .hasMessageContaining("optimizer.beta2");
    assertThatThrownBy(() -> new Adam(0.9f, 0.9f, 0, 0)).hasMessageContaining("optimizer.epsilon");
  }
}
