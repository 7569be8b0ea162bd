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
      step(rule, w, new float[] {sums[step - 1]}, state, 2, rate, step);
      trace[step - 1] = w[0];
    }
    return trace;
  }

  /** An update of one tensor as a whole. */
  private static void step(
      Optimizer rule, float[] w, float[] g, float[][] state, float n, float rate, long step) {
    float own = rate;
    if (rule instanceof LayerwiseOptimizer layerwise) {
      double[] weight = new double[1];
      double[] direction = new double[1];
      layerwise.measure(KERNELS, w, g, state, 0, w.length, 0, n, step, weight, direction, 0);
      own = layerwise.rate(rate, weight[0], direction[0], n);
    }
    rule.update(KERNELS, w, g, state, 0, w.length, 0, n, own, step);
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
  void barzilaiBorweinByHand() {
    // Gradients 1, 2, −1: s = −0.1, y = 1, rate 0.1; s = −0.2, y = −3, rate 0.6 / 9.
    assertNear(threeSteps(new BarzilaiBorwein(0), 0.1f), 0.9, 0.7, 0.7 + 0.6 / 9);
  }

  /** On a quadratic the steps see the curvature: of one weight the second one meets the minimum. */
  @Test
  void barzilaiBorweinMeetsTheMinimumOfAParabola() {
    float[] w = {3};
    BarzilaiBorwein rule = new BarzilaiBorwein(0);
    float[][] state = new float[2][1];
    for (int step = 1; step <= 3; step++) {
      step(rule, w, new float[] {4 * (w[0] - 1)}, state, 1, 0.01f, step);
    }
    assertThat((double) w[0]).isCloseTo(1, within(1e-6));
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

  @Test
  void adamWByHand() {
    // As Adam, each step after w = (1 − 0.1 · 0.5) · w.
    double w1 = 0.95 - 0.1;
    double w2 = 0.95 * w1 - 0.1 * (1.25 / 0.75) / Math.sqrt(1.1875 / 0.4375);
    double w3 = 0.95 * w2 - 0.1 * (0.125 / 0.875) / Math.sqrt(1.140625 / 0.578125);
    assertNear(threeSteps(new AdamW(0.5f, 0.75f, 1e-8f, 0.5f), 0.1f), w1, w2, w3);
  }

  @Test
  void rmsPropByHand() {
    // α = 0.75: s = 0.25, 1.1875, 1.140625.
    double w1 = 1 - 0.1 / 0.5;
    double w2 = w1 - 0.1 * 2 / Math.sqrt(1.1875);
    double w3 = w2 + 0.1 / Math.sqrt(1.140625);
    assertNear(threeSteps(new RmsProp(0.75f, 1e-8f, 0, false, 0), 0.1f), w1, w2, w3);
    // With momentum 0.5: v = 2, 1 + 2/√s, half of that − 1/√s.
    double v2 = 1 + 2 / Math.sqrt(1.1875);
    double v3 = v2 / 2 - 1 / Math.sqrt(1.140625);
    float[] moved = threeSteps(new RmsProp(0.75f, 1e-8f, 0.5f, false, 0), 0.1f);
    assertNear(moved, w1, w1 - 0.1 * v2, w1 - 0.1 * v2 - 0.1 * v3);
  }

  @Test
  void centeredRmsPropByHand() {
    // Means of gradients 0.25, 0.6875, 0.265625 leave s − mean² = 0.1875, 0.71484375, 1.07006836.
    double w1 = 1 - 0.1 / Math.sqrt(0.1875);
    double w2 = w1 - 0.2 / Math.sqrt(1.1875 - 0.6875 * 0.6875);
    double w3 = w2 + 0.1 / Math.sqrt(1.140625 - 0.265625 * 0.265625);
    assertNear(threeSteps(new RmsProp(0.75f, 1e-8f, 0, true, 0), 0.1f), w1, w2, w3);
  }

  @Test
  void centeredRmsPropOfAConstantGradientStaysFinite() {
    float[] w = {1};
    RmsProp rule = new RmsProp(0.9f, 1e-8f, 0, true, 0);
    float[][] state = new float[2][1];
    for (int step = 1; step <= 500; step++) {
      rule.update(KERNELS, w, new float[] {0.1f}, state, 0, 1, 0, 1, 1e-9f, step);
      assertThat(w[0]).as("step %d", step).isFinite();
    }
  }

  @Test
  void adagradByHand() {
    // s = 0.25 + 1, + 4, + 1; rates 0.1, 0.1/1.5, 0.1/2.
    double w1 = 1 - 0.1 / Math.sqrt(1.25);
    double w2 = w1 - 0.1 / 1.5 * 2 / Math.sqrt(5.25);
    double w3 = w2 + 0.1 / 2 / Math.sqrt(6.25);
    assertNear(threeSteps(new Adagrad(0.5f, 0.25f, 1e-10f, 0), 0.1f), w1, w2, w3);
  }

  @Test
  void rpropByHand() {
    // Steps 0.1, then 0.12 since the sign stays, then 0.06 that is not taken since it turns.
    assertNear(threeSteps(new Rprop(0.5f, 1.2f, 1e-6f, 50), 0.1f), 0.9, 0.78, 0.78);
  }

  @Test
  void larsByHand() {
    // For one element the ratio is 0.5·|w| / (|g| + 0.5·|w|), the gradient g + 0.5·w.
    double v1 = 0.1 * (0.5 / 1.5) * 1.5;
    double w1 = 1 - v1;
    double v2 = 0.5 * v1 + 0.1 * (0.5 * w1 / (2 + 0.5 * w1)) * (2 + 0.5 * w1);
    double w2 = w1 - v2;
    double v3 = 0.5 * v2 + 0.1 * (0.5 * w2 / (1 + 0.5 * w2)) * (-1 + 0.5 * w2);
    assertNear(threeSteps(new Lars(0.5f, 0.5f, 0.5f), 0.1f), w1, w2, w2 - v3);
  }

  @Test
  void lambByHand() {
    // For one element ‖w‖/‖r‖ · r is |w| with the sign of r: Adam's direction plus 0.5·w.
    // r = 1 + 0.5·w; 1.01… + 0.5·w; 0.10… + 0.5·w: always above 0.
    assertNear(threeSteps(new Lamb(0.5f, 0.75f, 1e-8f, 0.5f), 0.1f), 0.9, 0.81, 0.729);
  }

  @Test
  void theTrustRatioIsOneWhereANormIsZero() {
    for (LayerwiseOptimizer rule :
        new LayerwiseOptimizer[] {new Lars(0.9f, 0.5f, 0), new Lamb(0.9f, 0.9f, 1e-6f, 0)}) {
      assertThat(rule.trustRatio(0, 1, 1)).isEqualTo(1);
      assertThat(rule.trustRatio(1, 0, 1)).isEqualTo(1);
      assertThat(rule.trustRatio(9, 1, 1)).isNotEqualTo(1);
    }
  }

  static Stream<Arguments> problems() {
    return Stream.of(
        Arguments.of(new Sgd(0), 0.1f, 0.001f, 20_000),
        Arguments.of(new Momentum(0.9f, false, 0), 0.02f, 0.0005f, 8_000),
        Arguments.of(new Momentum(0.9f, true, 0), 0.02f, 0.0005f, 8_000),
        Arguments.of(Adam.standard(), 0.05f, 0.02f, 8_000),
        Arguments.of(new AdamW(0.9f, 0.999f, 1e-8f, 0), 0.05f, 0.02f, 8_000),
        Arguments.of(new RmsProp(0.99f, 1e-8f, 0, false, 0), 0.05f, 0.01f, 20_000),
        Arguments.of(new RmsProp(0.99f, 1e-8f, 0.9f, false, 0), 0.02f, 0.001f, 20_000),
        Arguments.of(new RmsProp(0.99f, 1e-2f, 0, true, 0), 0.02f, 0.001f, 20_000),
        Arguments.of(new Adagrad(0, 0, 1e-10f, 0), 0.5f, 0.5f, 20_000),
        Arguments.of(new Rprop(0.5f, 1.2f, 1e-9f, 50), 0.01f, 0.01f, 20_000),
        Arguments.of(new Lars(0.9f, 0.01f, 0), 1f, 1f, 20_000),
        Arguments.of(new Lamb(0.9f, 0.999f, 1e-6f, 0), 0.05f, 0.01f, 20_000));
  }

  @ParameterizedTest
  @MethodSource("problems")
  void findsTheLowestPointOfAParabola(Optimizer rule, float rate, float unused, int steps) {
    float[] w = {3, -4};
    float[][] state = new float[rule.stateSlots()][2];
    for (int step = 1; step <= 1000; step++) {
      float[] g = {2 * (w[0] - 1), 4 * (w[1] + 2)};
      // Rules whose steps do not shrink by themselves need a rate that does.
      float now = (float) (rate * Math.pow(1 - (step - 1.0) / 1000, 3));
      step(rule, w, g, state, 1, now, step);
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
      // Rules whose steps do not shrink by themselves need a rate that does.
      float now = (float) (rate * (1 - (step - 1.0) / steps));
      step(rule, w, g, state, 1, now, step);
    }
    assertThat((double) w[0]).isCloseTo(1, within(0.01));
    assertThat((double) w[1]).isCloseTo(1, within(0.02));
  }

  @Test
  void updatesItsRangeAlone() {
    for (String name : OptimizerSettings.names()) {
      Optimizer rule = OptimizerSettings.defaults(name).create(name);
      float[] w = {1, 1, 1, 1};
      rule.update(
          KERNELS,
          w,
          new float[] {1, 1, 1, 1},
          new float[rule.stateSlots()][4],
          1,
          3,
          0,
          1,
          0.1f,
          1);
      assertThat(w[0]).isEqualTo(1);
      assertThat(w[3]).isEqualTo(1);
      assertThat(w[1]).isEqualTo(w[2]);
      if (!(rule instanceof GradientRule)) { // these leave the gradient there, 1 too
        assertThat(w[1]).isLessThan(1);
      }
    }
  }

  @Test
  void theStateOfARangeMayLieElsewhere() {
    int begin = 17;
    int end = 150;
    for (String name : OptimizerSettings.names()) {
      Optimizer rule = OptimizerSettings.defaults(name).create(name);
      float[] w = filled(200, 0.5f);
      float[] packedW = w.clone();
      float[][] state = new float[rule.stateSlots()][200];
      float[][] packed = new float[rule.stateSlots()][end - begin + 3];
      for (int step = 1; step <= 3; step++) {
        float[] g = filled(200, step);
        step(rule, w, g, state, begin, end, 0, step);
        step(rule, packedW, g, packed, begin, end, 3 - begin, step);
      }
      assertThat(packedW).as(name).isEqualTo(w);
      for (int slot = 0; slot < state.length; slot++) {
        float[] expected = new float[end - begin + 3];
        System.arraycopy(state[slot], begin, expected, 3, end - begin);
        assertThat(packed[slot]).as(name).isEqualTo(expected);
      }
    }
  }

  private static float[] filled(int length, float factor) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = factor * (1 + i % 7 - i % 3);
    }
    return values;
  }

  private static void step(
      Optimizer rule,
      float[] w,
      float[] g,
      float[][] state,
      int begin,
      int end,
      int shift,
      long step) {
    if (rule instanceof LayerwiseOptimizer layerwise) {
      double[] sums = new double[2];
      layerwise.measure(KERNELS, w, g, state, begin, end, shift, 2, step, sums, sums, 0);
    }
    rule.update(KERNELS, w, g, state, begin, end, shift, 2, 0.01f, step);
  }

  @Test
  void optimizersHaveNames() {
    for (String name : OptimizerSettings.names()) {
      if (!name.equals("sgd")) {
        Optimizer rule = OptimizerSettings.defaults(name).create(name);
        assertThat(rule.name()).isEqualTo(name);
      }
    }
    assertThat(OptimizerSettings.defaults("sgd").create("sgd"))
        .isEqualTo(new Momentum(0.9f, false, 0));
    assertThat(OptimizerSettings.defaults("adam").create("sgd")).isEqualTo(new Sgd(0));
    assertThat(OptimizerSettings.defaults("adam").create("adam")).isEqualTo(Adam.standard());
    assertThatThrownBy(() -> OptimizerSettings.defaults("adam").create("adamax"))
        .hasMessageContaining("adamw")
        .hasMessageContaining("got 'adamax'");
  }

  @Test
  void powersAreThoseOfTheLibrary() {
    for (float base : new float[] {0, 0.5f, 0.9f, 0.999f}) {
      for (long exponent : new long[] {0, 1, 2, 3, 17, 1000, 123_457, 10_000_000_000L}) {
        double expected = StrictMath.pow(base, exponent);
        assertThat(Powers.of(base, exponent))
            .as("%s^%d", base, exponent)
            .isCloseTo(expected, within(1e-11 * expected + Double.MIN_NORMAL));
      }
    }
  }

  @Test
  void rpropRefusesWeightDecay() {
    assertThatThrownBy(() -> OptimizerSettings.defaults("adamw").create("rprop"))
        .hasMessageContaining("optimizer.weight-decay must be 0 with rprop")
        .hasMessageContaining("0.01");
  }

  @Test
  void clippingScalesTheMeanGradientDownToItsNorm() {
    Clipping clip = new Clipping(0.5f, 0);
    // Sums (6, 8) over 2 examples: a mean of norm 5, to be 0.5.
    assertThat((double) clip.denominator(100, 2)).isCloseTo(20, within(1e-4));
    assertThat(clip.denominator(0.25, 2)).isEqualTo(2);
    assertThat(clip.denominator(Double.NaN, 2)).isNaN();
    assertThatThrownBy(() -> new Clipping(1, 1)).hasMessageContaining("train.clip-value");
    assertThatThrownBy(() -> new Clipping(-1, 0)).hasMessageContaining("train.clip");
  }

  @Test
  void settingsOutOfRangeAreRefusedByTheirKey() {
    assertThatThrownBy(() -> new Momentum(1, false, 0)).hasMessageContaining("optimizer.momentum");
    assertThatThrownBy(() -> new Sgd(-1)).hasMessageContaining("optimizer.weight-decay");
    assertThatThrownBy(() -> new Adam(0.9f, Float.NaN, 1, 0))
        .hasMessageContaining("optimizer.beta2");
    assertThatThrownBy(() -> new Adam(0.9f, 0.9f, 0, 0)).hasMessageContaining("optimizer.epsilon");
    assertThatThrownBy(() -> new RmsProp(1, 1, 0, false, 0))
        .hasMessageContaining("optimizer.alpha");
    assertThatThrownBy(() -> new Adagrad(-1, 0, 1, 0)).hasMessageContaining("optimizer.lr-decay");
    assertThatThrownBy(() -> new Adagrad(0, -1, 1, 0))
        .hasMessageContaining("optimizer.initial-accumulator");
    assertThatThrownBy(() -> new Rprop(1, 2, 1, 1)).hasMessageContaining("optimizer.eta-minus");
    assertThatThrownBy(() -> new Rprop(0.5f, 1, 1, 1)).hasMessageContaining("optimizer.eta-plus");
    assertThatThrownBy(() -> new Rprop(0.5f, 2, 1, 0.5f))
        .hasMessageContaining("optimizer.step-max");
    assertThatThrownBy(() -> new Lars(0.9f, 0, 0)).hasMessageContaining("optimizer.trust");
  }
}
