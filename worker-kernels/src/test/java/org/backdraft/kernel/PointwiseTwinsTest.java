package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.backdraft.random.CounterRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pointwise kernels: SIMD gives the scalar bits, in place or not, and writes its range alone. */
final class PointwiseTwinsTest {
  private static final int[] LENGTHS = {0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 97, 256, 1001};

  private final PointwiseKernels scalar = new ScalarPointwiseKernels();
  private final PointwiseKernels simd = new SimdPointwiseKernels();
  private final RandomValues random = RandomValues.fromProperty();

  @ParameterizedTest
  @EnumSource(PointwiseFunction.class)
  void applyGivesEqualBits(PointwiseFunction function) {
    for (int length : LENGTHS) {
      String what = function + " length " + length + " " + random;
      float[] x = random.mixed(length + 40);
      float[] before = random.plain(length + 40);
      int xBase = random.below(20);
      int yBase = random.below(20);
      float[] expected = before.clone();
      float[] actual = before.clone();
      scalar.apply(function, 1.5f, x, xBase, expected, yBase, length);
      simd.apply(function, 1.5f, x, xBase, actual, yBase, length);
      Bits.assertSame(actual, expected, what);
      Bits.assertUntouchedOutside(actual, before, yBase, yBase + length, what);
      float[] inPlace = x.clone();
      simd.apply(function, 1.5f, inPlace, xBase, inPlace, xBase, length);
      for (int i = 0; i < length; i++) {
        Bits.assertSame(inPlace[xBase + i], expected[yBase + i], what + " in place", i);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(PointwiseFunction.class)
  void applyBackwardGivesEqualBits(PointwiseFunction function) {
    for (int length : LENGTHS) {
      String what = function + " backward, length " + length + " " + random;
      float[] x = random.mixed(length + 40);
      float[] y = random.mixed(length + 40);
      float[] dy = random.mixed(length + 40);
      float[] before = random.plain(length + 40);
      int base = random.below(20);
      int dxBase = random.below(20);
      float[] expected = before.clone();
      float[] actual = before.clone();
      scalar.applyBackward(
          function, 0.5f, x, base, y, base + 1, dy, base + 2, expected, dxBase, length);
      simd.applyBackward(
          function, 0.5f, x, base, y, base + 1, dy, base + 2, actual, dxBase, length);
      Bits.assertSame(actual, expected, what);
      Bits.assertUntouchedOutside(actual, before, dxBase, dxBase + length, what);
      simd.applyBackward(function, 0.5f, x, base, y, base + 1, dy, base + 2, dy, base + 2, length);
      for (int i = 0; i < length; i++) {
        Bits.assertSame(dy[base + 2 + i], expected[dxBase + i], what + " in place", i);
      }
    }
  }

  @Test
  void addGivesEqualBits() {
    for (int length : LENGTHS) {
      String what = "add, length " + length + " " + random;
      float[] a = random.mixed(length + 40);
      float[] b = random.mixed(length + 40);
      float[] before = random.plain(length + 40);
      float[] expected = before.clone();
      float[] actual = before.clone();
      scalar.add(a, 3, b, 5, expected, 7, length);
      simd.add(a, 3, b, 5, actual, 7, length);
      Bits.assertSame(actual, expected, what);
      Bits.assertUntouchedOutside(actual, before, 7, 7 + length, what);
    }
  }

  @Test
  void multiplyGivesEqualBits() {
    for (int length : LENGTHS) {
      String what = "multiply, length " + length + " " + random;
      float[] a = random.mixed(length + 40);
      float[] b = random.mixed(length + 40);
      float[] before = random.plain(length + 40);
      float[] expected = before.clone();
      float[] actual = before.clone();
      scalar.multiply(a, 3, b, 5, expected, 7, length);
      simd.multiply(a, 3, b, 5, actual, 7, length);
      Bits.assertSame(actual, expected, what);
      Bits.assertUntouchedOutside(actual, before, 7, 7 + length, what);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 20", "0.5, 1", "30, 1000"})
  void softplusGivesEqualBits(float beta, float threshold) {
    for (int length : LENGTHS) {
      String what = "softplus " + beta + ", length " + length + " " + random;
      float[] x = random.mixed(length + 40);
      float[] dy = random.mixed(length + 40);
      float[] before = random.plain(length + 40);
      float[] expected = before.clone();
      float[] actual = before.clone();
      scalar.softplus(beta, threshold, x, 3, expected, 7, length);
      simd.softplus(beta, threshold, x, 3, actual, 7, length);
      Bits.assertSame(actual, expected, what);
      Bits.assertUntouchedOutside(actual, before, 7, 7 + length, what);
      scalar.softplusBackward(beta, threshold, x, 3, dy, 5, expected, 7, length);
      simd.softplusBackward(beta, threshold, x, 3, dy, 5, actual, 7, length);
      Bits.assertSame(actual, expected, what + " backward");
      Bits.assertUntouchedOutside(actual, before, 7, 7 + length, what);
      simd.softplusBackward(beta, threshold, x, 3, dy, 5, dy, 5, length);
      for (int i = 0; i < length; i++) {
        Bits.assertSame(dy[5 + i], expected[7 + i], what + " in place", i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0f, 0.1f, 0.5f, 0.999f})
  void dropoutKeepsWhatTheGeneratorSays(float rate) {
    // From 2^34 on the number of a block passes 32 bits; 4133 elements take several pieces.
    long[] firsts = {0, 1, 2, 3, 1L << 33, (1L << 34) - 45, (1L << 34) + 6};
    for (int length : IntStream.concat(IntStream.of(LENGTHS), IntStream.of(4133)).toArray()) {
      for (long first : firsts) {
        String what = "dropout " + rate + " length " + length + " first " + first + " " + random;
        float[] x = random.mixed(length + 10);
        float[] before = random.plain(length + 10);
        float[] expected = before.clone();
        for (int i = 0; i < length; i++) {
          boolean keep = CounterRandom.uniform(99, 1234567890123L, first + i) >= rate;
          expected[3 + i] = keep ? x[2 + i] / (1 - rate) : 0;
        }
        for (PointwiseKernels kernels : new PointwiseKernels[] {scalar, simd}) {
          float[] actual = before.clone();
          kernels.dropout(rate, 99, 1234567890123L, first, x, 2, actual, 3, length);
          Bits.assertSame(actual, expected, what);
          float[] inPlace = x.clone();
          kernels.dropout(rate, 99, 1234567890123L, first, inPlace, 2, inPlace, 2, length);
          for (int i = 0; i < length; i++) {
            Bits.assertSame(inPlace[2 + i], expected[3 + i], what + " in place", i);
          }
        }
      }
    }
  }

  @Test
  void decodeReadsBytesAsUnsigned() {
    byte[] bytes = new byte[256 + 60];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 7);
    }
    for (int length : new int[] {0, 1, 3, 4, 7, 8, 15, 16, 17, 33, 256, 306}) {
      float[] before = random.plain(length + 20);
      float[] expected = before.clone();
      for (int i = 0; i < length; i++) {
        expected[7 + i] = Math.fma((float) (((10 + i) * 7) & 0xff), 1 / 255f, -0.5f);
      }
      for (PointwiseKernels kernels : new PointwiseKernels[] {scalar, simd}) {
        float[] actual = before.clone();
        kernels.decode(bytes, 10, 1 / 255f, -0.5f, actual, 7, length);
        Bits.assertSame(actual, expected, "decode, length " + length);
      }
    }
  }

  @Test
  void functionsMeetTheirDefinitionsAtEdges() {
    float[] x = {-0f, 0f, 1f, -1f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
    float nan = Float.NaN;
    float inf = Float.POSITIVE_INFINITY;
    assertThat(scalarApply(PointwiseFunction.RELU, x))
        .containsExactly(-0f, 0f, 1f, 0f, nan, inf, 0);
    assertThat(scalarApply(PointwiseFunction.STEP, x)).containsExactly(1, 1, 1, 0, 0, 1, 0);
    assertThat(scalarApply(PointwiseFunction.TANH, x)[0]).isEqualTo(-0f);
    assertThat(scalarApply(PointwiseFunction.TANH, x)[5]).isEqualTo(1f);
    assertThat(scalarApply(PointwiseFunction.LOGISTIC, x)[0]).isEqualTo(0.5f);
    assertThat(scalarApply(PointwiseFunction.LOGISTIC, x)[6]).isEqualTo(0f);
    assertThat(scalarApply(PointwiseFunction.GELU, x)[4]).isNaN();
    assertThat(scalarApply(PointwiseFunction.GELU_TANH, x)[5]).isEqualTo(inf);
    float[] leaky = new float[x.length];
    scalar.apply(PointwiseFunction.LEAKY_RELU, 0.5f, x, 0, leaky, 0, x.length);
    assertThat(leaky).containsExactly(-0f, 0f, 1f, -0.5f, nan, inf, -inf);
  }

  private float[] scalarApply(PointwiseFunction function, float[] x) {
    float[] y = new float[x.length];
    scalar.apply(function, 1f, x, 0, y, 0, x.length);
    return y;
  }
}
