package org.backdraft.kernel;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Depthwise kernels: equal bits over awkward sizes, nothing written beside the result. */
final class DepthwiseTwinsTest {
  private static final int X_BASE = 37;

  private final DepthwiseKernels scalar = new ScalarDepthwiseKernels();
  private final DepthwiseKernels simd = new SimdDepthwiseKernels();
  private final RandomValues random = RandomValues.fromProperty();

  /** Rows, taps, channels. */
  static Stream<Arguments> cases() {
    return Stream.of(0, 1, 7, 8, 9, 31, 128)
        .flatMap(
            rows ->
                Stream.of(1, 2, 3, 9, 14, 25, 65, 131)
                    .flatMap(
                        taps -> Stream.of(16, 48).map(depth -> Arguments.of(rows, taps, depth))));
  }

  private RowPattern pattern(int rows, int taps, int depth, int targetPitch) {
    int[] offsets = new int[rows * taps];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = random.below(4) == 0 ? RowPattern.ZERO : random.below(200);
    }
    int[] targets = new int[rows];
    for (int m = 0; m < rows; m++) {
      // Descending: the order of rows is that of the pattern, not that of memory.
      targets[m] = (rows - 1 - m) * targetPitch;
    }
    return new RowPattern(taps, depth, offsets, targets);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void convolutionsHaveEqualBits(int rows, int taps, int depth) {
    int pitch = depth + 5;
    RowPattern pattern = pattern(rows, taps, depth, pitch);
    String what = rows + " rows, " + taps + " taps, " + depth + " channels, " + random;
    float[] x = random.mixed(X_BASE + 200 + depth);
    float[] w = random.mixed(3 + taps * depth);
    float[] bias = random.mixed(7 + depth);
    float[] before = new float[11 + rows * pitch + 20];
    Arrays.fill(before, Float.NaN);
    int first = rows / 5;
    float[] expected = before.clone();
    float[] actual = before.clone();
    scalar.convolve(pattern, first, rows, x, X_BASE, w, 3, bias, 7, expected, 11);
    simd.convolve(pattern, first, rows, x, X_BASE, w, 3, bias, 7, actual, 11);
    Bits.assertSame(actual, expected, what);
    IntStream.range(0, rows)
        .forEach(
            m ->
                Bits.assertUntouchedOutside(
                    gap(actual, m, pitch, depth), gap(before, m, pitch, depth), 0, 0, what));
    Bits.assertUntouchedOutside(actual, before, 11, 11 + rows * pitch, what);
  }

  /** What lies between two rows of the result. */
  private static float[] gap(float[] y, int row, int pitch, int depth) {
    return Arrays.copyOfRange(y, 11 + row * pitch + depth, 11 + (row + 1) * pitch);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void weightGradientsHaveEqualBits(int rows, int taps, int depth) {
    RowPattern pattern = pattern(rows, taps, depth, depth);
    String what = rows + " rows, " + taps + " taps, " + depth + " channels, " + random;
    int pitch = depth + 16;
    float[] x = random.mixed(X_BASE + 200 + depth);
    float[] d = random.mixed(5 + rows * pitch);
    for (int begin = 0; begin < depth; begin += 32) {
      int end = Math.min(depth, begin + 32);
      float[] before = random.mixed(9 + taps * (end - begin) + 20);
      float[] expected = before.clone();
      float[] actual = before.clone();
      int first = rows / 5;
      scalar.accumulateWeights(
          pattern, first, rows, begin, end, x, X_BASE, d, 5, pitch, expected, 9);
      simd.accumulateWeights(pattern, first, rows, begin, end, x, X_BASE, d, 5, pitch, actual, 9);
      Bits.assertSame(actual, expected, what);
      Bits.assertUntouchedOutside(actual, before, 9, 9 + taps * (end - begin), what);
    }
  }
}
