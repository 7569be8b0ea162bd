package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batch normalisation: right against double, equal bits, only its ranges written. */
final class NormalizationTwinsTest {
  private static final int MARGIN = 5;

  private final NormalizationKernels scalar = new ScalarNormalizationKernels();
  private final NormalizationKernels simd = new SimdNormalizationKernels();
  private final RandomValues random = RandomValues.fromProperty();

  /** Where a pass writes. */
  private record Range(int begin, int length) {
    int end() {
      return begin + length;
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 16", "2, 32", "5, 48", "127, 16", "128, 80", "17, 160", "49, 16"})
  void allPassesGiveEqualBits(int rows, int lanes) {
    for (boolean special : new boolean[] {false, true}) {
      String what = rows + " rows of " + lanes + " " + random;
      int length = rows * lanes;
      float[] x = special ? random.mixed(length + 9) : random.plain(length + 9);
      float[] dy = special ? random.mixed(length + 9) : random.plain(length + 9);
      float[] constants = random.plain(NormalizationKernels.CONSTANTS * lanes + 9);
      Range statistics = new Range(MARGIN, 2 * lanes);
      Range y = new Range(statistics.end() + MARGIN, length);
      Range sums = new Range(y.end() + MARGIN, 2 * lanes);
      Range dx = new Range(sums.end() + MARGIN, length);
      float[] before = random.plain(dx.end() + MARGIN);
      float[][] results = {before.clone(), before.clone()};
      NormalizationKernels[] both = {scalar, simd};
      for (int i = 0; i < 2; i++) {
        float[] r = results[i];
        NormalizationKernels kernels = both[i];
        kernels.blockStatistics(rows, lanes, x, 3, r, statistics.begin());
        kernels.normalize(rows, lanes, x, 3, constants, 4, r, y.begin());
        kernels.blockGradients(rows, lanes, x, 3, dy, 7, constants, 4, r, sums.begin());
        kernels.inputGradient(rows, lanes, x, 3, dy, 7, constants, 4, r, dx.begin());
        int last = 0;
        for (Range range : new Range[] {statistics, y, sums, dx}) {
          for (int at = last; at < range.begin(); at++) {
            Bits.assertSame(r[at], before[at], what, at);
          }
          last = range.end();
        }
      }
      Bits.assertSame(results[1], results[0], what);
      if (!special) {
        for (int c : new int[] {0, 3, lanes - 1}) {
          assertStatistics(results[1], statistics.begin() + c, rows, lanes, x, 3 + c, what);
          assertSums(results[1], sums.begin() + c, rows, lanes, x, dy, c, constants, what);
        }
        assertValues(results[1], y.begin(), dx.begin(), length, lanes, x, dy, constants, what);
      }
    }
  }

  private static void assertStatistics(
      float[] r, int at, int rows, int lanes, float[] x, int xAt, String what) {
    double sum = 0;
    for (int m = 0; m < rows; m++) {
      sum += x[xAt + m * lanes];
    }
    double squares = 0;
    for (int m = 0; m < rows; m++) {
      squares += Math.pow(x[xAt + m * lanes] - sum / rows, 2);
    }
    assertThat((double) r[at]).as("sum " + what).isCloseTo(sum, Offset.offset(1e-5 * rows));
    assertThat((double) r[at + lanes])
        .as("squares " + what)
        .isCloseTo(squares, Offset.offset(1e-5 * (1 + squares)));
  }

  private static void assertSums(
      float[] r,
      int at,
      int rows,
      int lanes,
      float[] x,
      float[] dy,
      int c,
      float[] constants,
      String what) {
    double sum = 0;
    double products = 0;
    for (int m = 0; m < rows; m++) {
      double gradient = dy[7 + m * lanes + c];
      sum += gradient;
      products += gradient * (x[3 + m * lanes + c] - constants[4 + c]);
    }
    Offset<Double> near = Offset.offset(1e-4 * rows);
    assertThat((double) r[at]).as("sum of gradients " + what).isCloseTo(sum, near);
    assertThat((double) r[at + lanes]).as("products " + what).isCloseTo(products, near);
  }

  private static void assertValues(
      float[] r,
      int yAt,
      int dxAt,
      int length,
      int lanes,
      float[] x,
      float[] dy,
      float[] constants,
      String what) {
    for (int i = 0; i < length; i++) {
      double[] constant = new double[NormalizationKernels.CONSTANTS];
      for (int k = 0; k < constant.length; k++) {
        constant[k] = constants[4 + k * lanes + i % lanes];
      }
      double centered = x[3 + i] - constant[NormalizationKernels.MEAN];
      double factor = constant[NormalizationKernels.FACTOR];
      double y = centered * factor + constant[NormalizationKernels.SHIFT];
      double dx =
          dy[7 + i] * factor
              + centered * constant[NormalizationKernels.SLOPE]
              + constant[NormalizationKernels.OFFSET];
      assertThat((double) r[yAt + i]).as("y " + what).isCloseTo(y, Offset.offset(1e-4));
      assertThat((double) r[dxAt + i]).as("dx " + what).isCloseTo(dx, Offset.offset(1e-4));
    }
  }
}
