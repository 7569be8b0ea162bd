package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Optimiser steps: right against double, equal bits, only their range written. */
final class UpdateTwinsTest {
  private static final int[] LENGTHS = {0, 1, 5, 8, 15, 16, 17, 47, 200, 2100};

  private final UpdateKernels scalar = new ScalarUpdateKernels();
  private final UpdateKernels simd = new SimdUpdateKernels();
  private final RandomValues random = RandomValues.fromProperty();

  @Test
  void sgdGivesEqualBits() {
    for (int length : LENGTHS) {
      float[] before = random.mixed(length + 20);
      float[] g = random.mixed(length + 20);
      float[] expected = before.clone();
      float[] actual = before.clone();
      scalar.sgd(expected, g, 7, 7 + length, 3f, 0.01f, 0.1f);
      simd.sgd(actual, g, 7, 7 + length, 3f, 0.01f, 0.1f);
      Bits.assertSame(actual, expected, "sgd, length " + length + " " + random);
      Bits.assertUntouchedOutside(actual, before, 7, 7 + length, "sgd " + random);
    }
  }

  @Test
  void momentumGivesEqualBits() {
    for (int length : LENGTHS) {
      for (boolean nesterov : new boolean[] {false, true}) {
        String what = "momentum, nesterov " + nesterov + ", length " + length + " " + random;
        float[] wBefore = random.mixed(length + 20);
        float[] vBefore = random.mixed(length + 20);
        float[] g = random.mixed(length + 20);
        float[] w = wBefore.clone();
        float[] v = vBefore.clone();
        scalar.momentum(w, g, v, 7, 7 + length, 0, 64f, 0.01f, 0.1f, 0.9f, nesterov);
        float[] simdW = wBefore.clone();
        float[] simdV = vBefore.clone();
        simd.momentum(simdW, g, simdV, 7, 7 + length, 0, 64f, 0.01f, 0.1f, 0.9f, nesterov);
        Bits.assertSame(simdW, w, what);
        Bits.assertSame(simdV, v, what);
        Bits.assertUntouchedOutside(simdW, wBefore, 7, 7 + length, what);
        Bits.assertUntouchedOutside(simdV, vBefore, 7, 7 + length, what);
      }
    }
  }

  @Test
  void adamGivesEqualBits() {
    for (int length : LENGTHS) {
      String what = "adam, length " + length + " " + random;
      float[] wBefore = random.mixed(length + 20);
      float[] mBefore = random.mixed(length + 20);
      float[] vBefore = random.positive(length + 20);
      float[] g = random.mixed(length + 20);
      float[][] expected = {wBefore.clone(), mBefore.clone(), vBefore.clone()};
      float[][] actual = {wBefore.clone(), mBefore.clone(), vBefore.clone()};
      scalar.adam(
          expected[0],
          g,
          expected[1],
          expected[2],
          7,
          7 + length,
          0,
          64f,
          0.01f,
          0.95f,
          0.9f,
          0.999f,
          1e-8f,
          0.003f,
          0.2f);
      simd.adam(
          actual[0],
          g,
          actual[1],
          actual[2],
          7,
          7 + length,
          0,
          64f,
          0.01f,
          0.95f,
          0.9f,
          0.999f,
          1e-8f,
          0.003f,
          0.2f);
      for (int i = 0; i < 3; i++) {
        Bits.assertSame(actual[i], expected[i], what);
      }
      Bits.assertUntouchedOutside(actual[0], wBefore, 7, 7 + length, what);
      Bits.assertUntouchedOutside(actual[1], mBefore, 7, 7 + length, what);
      Bits.assertUntouchedOutside(actual[2], vBefore, 7, 7 + length, what);
    }
  }

  /** One rule on arrays w, g and state of one length. */
  private interface Step {
    void run(UpdateKernels kernels, float[][] arrays, int begin, int end);
  }

  /**
   * Runs both twins on the same arrays, with NaN around the range.
   *
   * @param arrays how many arrays there are: w, g and state
   * @param positive which of them, from this one on, hold no negative values
   */
  private void assertTwins(String rule, int arrays, int positive, Step step) {
    for (int length : LENGTHS) {
      for (boolean special : new boolean[] {false, true}) {
        String what = rule + ", length " + length + ", special " + special + " " + random;
        float[][] before = new float[arrays][];
        for (int a = 0; a < arrays; a++) {
          before[a] =
              a >= positive
                  ? random.positive(length + 20)
                  : special ? random.mixed(length + 20) : random.plain(length + 20);
          java.util.Arrays.fill(before[a], 0, 7, Float.NaN);
          java.util.Arrays.fill(before[a], 7 + length, length + 20, Float.NaN);
        }
        float[][] expected = copy(before);
        float[][] actual = copy(before);
        step.run(scalar, expected, 7, 7 + length);
        step.run(simd, actual, 7, 7 + length);
        for (int a = 0; a < arrays; a++) {
          Bits.assertSame(actual[a], expected[a], what + ", array " + a);
          Bits.assertUntouchedOutside(actual[a], before[a], 7, 7 + length, what + ", array " + a);
        }
        if (!special && length > 0) {
          assertThat(actual[0][7]).as(what).isNotEqualTo(before[0][7]).isFinite();
        }
      }
    }
  }

  private static float[][] copy(float[][] arrays) {
    float[][] copies = arrays.clone();
    for (int a = 0; a < copies.length; a++) {
      copies[a] = arrays[a].clone();
    }
    return copies;
  }

  @Test
  void rmsPropGivesEqualBitsInAllItsForms() {
    assertTwins(
        "rmsprop",
        3,
        2,
        (k, a, begin, end) ->
            k.rmsProp(
                a[0], a[1], a[2], null, null, begin, end, 0, 3f, 0.01f, 0.1f, 0.9f, 1e-8f, 0f));
    assertTwins(
        "rmsprop with momentum",
        4,
        2,
        (k, a, begin, end) ->
            k.rmsProp(
                a[0], a[1], a[2], null, a[3], begin, end, 0, 3f, 0.01f, 0.1f, 0.9f, 1e-8f, 0.7f));
    assertTwins(
        "centered rmsprop",
        4,
        2,
        (k, a, begin, end) ->
            k.rmsProp(
                a[0], a[1], a[2], a[3], null, begin, end, 0, 3f, 0.01f, 0.1f, 0.9f, 1e-2f, 0f));
    assertTwins(
        "centered rmsprop with momentum",
        5,
        2,
        (k, a, begin, end) ->
            k.rmsProp(
                a[0], a[1], a[2], a[3], a[4], begin, end, 0, 3f, 0.01f, 0.1f, 0.9f, 1e-2f, 0.7f));
  }

  @Test
  void adagradGivesEqualBits() {
    assertTwins(
        "adagrad",
        3,
        2,
        (k, a, begin, end) -> k.adagrad(a[0], a[1], a[2], begin, end, 0, 3f, 0.01f, 0.1f, 1e-10f));
  }

  @Test
  void rpropGivesEqualBits() {
    assertTwins(
        "rprop",
        4,
        3,
        (k, a, begin, end) -> {
          k.rprop(a[0], a[1], a[2], a[3], begin, end, 0, 3f, 0.5f, 1.2f, 0.1f, 3f);
          // Once more, so that the signs agree and something moves.
          k.rprop(a[0], a[1], a[2], a[3], begin, end, 0, 3f, 0.5f, 1.2f, 0.1f, 3f);
        });
  }

  @Test
  void larsGivesEqualBits() {
    assertTwins(
        "lars",
        3,
        3,
        (k, a, begin, end) -> k.lars(a[0], a[1], a[2], begin, end, 0, 3f, 0.01f, 0.1f, 0.9f));
  }

  @Test
  void lambGivesEqualBits() {
    assertTwins(
        "lamb",
        5,
        3,
        (k, a, begin, end) -> {
          double squares =
              k.lambMoments(
                  a[0], a[1], a[2], a[3], begin, end, 0, 3f, 0.01f, 0.9f, 0.999f, 1e-6f, 0.1f,
                  0.03f);
          if (begin < end) {
            a[4][begin] = (float) squares;
          }
          k.lambStep(a[0], a[2], a[3], begin, end, 0, 0.01f, 1e-6f, 0.1f, 0.03f, 0.1f);
        });
  }

  @Test
  void clampGivesEqualBits() {
    assertTwins("clamp", 1, 1, (k, a, begin, end) -> k.clamp(a[0], begin, end, 1e-6f));
  }

  @Test
  void oneValueThatIsNotFiniteIsFoundWhereverItIs() {
    for (int length : new int[] {0, 1, 15, 16, 17, 47, 4096}) {
      float[] x = random.mixed(length + 20);
      for (int i = 0; i < x.length; i++) {
        x[i] = Float.isFinite(x[i]) ? x[i] : -Float.MAX_VALUE;
      }
      x[6] = Float.NaN;
      x[7 + length] = Float.POSITIVE_INFINITY;
      assertThat(simd.isFinite(x, 7, 7 + length)).as("%d, %s", length, random).isTrue();
      assertThat(scalar.isFinite(x, 7, 7 + length)).isTrue();
      for (int at = 0; at < length; at += at < 64 ? 1 : 511) {
        float kept = x[7 + at];
        for (float bad : new float[] {Float.NaN, -1f / 0, 1f / 0}) {
          x[7 + at] = bad;
          assertThat(simd.isFinite(x, 7, 7 + length)).as("%d of %d", at, length).isFalse();
          assertThat(scalar.isFinite(x, 7, 7 + length)).isFalse();
        }
        x[7 + at] = kept;
      }
    }
  }

  @Test
  void sumsOfSquaresGiveEqualBitsAndAreRight() {
    for (int length : new int[] {0, 1, 15, 16, 17, 31, 47, 4095, 4096}) {
      for (boolean special : new boolean[] {false, true}) {
        float[] x = special ? random.mixed(length + 20) : random.plain(length + 20);
        java.util.Arrays.fill(x, 0, 7, Float.NaN);
        java.util.Arrays.fill(x, 7 + length, length + 20, Float.NaN);
        double expected = scalar.sumOfSquares(x, 7, 7 + length);
        double actual = simd.sumOfSquares(x, 7, 7 + length);
        assertThat(Double.doubleToLongBits(actual))
            .as("length %d, %s", length, random)
            .isEqualTo(Double.doubleToLongBits(expected));
        if (!special) {
          double chain = 0;
          for (int i = 7; i < 7 + length; i++) {
            chain += (double) x[i] * x[i];
          }
          assertThat(actual).isCloseTo(chain, Offset.offset(1e-12 * chain));
        }
      }
    }
  }

  @Test
  void stepsWorkedByHandAgree() {
    for (UpdateKernels kernels : new UpdateKernels[] {scalar, simd}) {
      // gradient = 6/2 + 0.5·2 = 4
      float[] w = {2};
      kernels.sgd(w, new float[] {6}, 0, 1, 2f, 0.5f, 0.25f);
      assertThat(w[0]).isEqualTo(1f);

      // v = 0.5·2 + 4 = 5; w = 2 − 0.25·5; with Nesterov w = 2 − 0.25·(4 + 0.5·5)
      float[] v = {2};
      w[0] = 2;
      kernels.momentum(w, new float[] {6}, v, 0, 1, 0, 2f, 0.5f, 0.25f, 0.5f, false);
      assertThat(v[0]).isEqualTo(5f);
      assertThat(w[0]).isEqualTo(0.75f);
      v[0] = 2;
      w[0] = 2;
      kernels.momentum(w, new float[] {6}, v, 0, 1, 0, 2f, 0.5f, 0.25f, 0.5f, true);
      assertThat(w[0]).isEqualTo(0.375f);

      // The first step of Adam moves by the rate, whatever the gradient's size.
      float[] m = {0};
      v[0] = 0;
      w[0] = 1;
      double c1 = 1 - 0.9f;
      double c2 = 1 - 0.999f;
      float[] g = {123};
      kernels.adam(
          w,
          g,
          m,
          v,
          0,
          1,
          0,
          1f,
          0f,
          1f,
          0.9f,
          0.999f,
          1e-8f,
          (float) (0.001 / c1),
          (float) Math.sqrt(c2));
      assertThat((double) w[0]).isCloseTo(0.999, Offset.offset(1e-6));
    }
  }
}
