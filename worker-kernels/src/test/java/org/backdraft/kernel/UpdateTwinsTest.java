package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Optimiser steps: right against double, equal bits, only their range written. */
final class UpdateTwinsTest {
  private static final int[] LENGTHS = {0, 1, 5, 8, 16, 17, 47, 200};

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
        scalar.momentum(w, g, v, 7, 7 + length, 64f, 0.01f, 0.1f, 0.9f, nesterov);
        float[] simdW = wBefore.clone();
        float[] simdV = vBefore.clone();
        simd.momentum(simdW, g, simdV, 7, 7 + length, 64f, 0.01f, 0.1f, 0.9f, nesterov);
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
          64f,
          0.01f,
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
          64f,
          0.01f,
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
      kernels.momentum(w, new float[] {6}, v, 0, 1, 2f, 0.5f, 0.25f, 0.5f, false);
      assertThat(v[0]).isEqualTo(5f);
      assertThat(w[0]).isEqualTo(0.75f);
      v[0] = 2;
      w[0] = 2;
      kernels.momentum(w, new float[] {6}, v, 0, 1, 2f, 0.5f, 0.25f, 0.5f, true);
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
          1f,
          0f,
          0.9f,
          0.999f,
          1e-8f,
          (float) (0.001 / c1),
          (float) Math.sqrt(c2));
      assertThat((double) w[0]).isCloseTo(0.999, Offset.offset(1e-6));
    }
  }
}
