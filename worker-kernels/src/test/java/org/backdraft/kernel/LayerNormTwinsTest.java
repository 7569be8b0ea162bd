package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Layer normalisation: right against double, equal bits, only its rows written, and padding lanes
 * never reach a sum.
 */
final class LayerNormTwinsTest {
  private static final float EPSILON = 1e-5f;

  private final LayerNormKernels scalar = new ScalarLayerNormKernels();
  private final LayerNormKernels simd = new SimdLayerNormKernels();
  private final RandomValues random = RandomValues.fromProperty();

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "0, 1, 7",
    "3, 1, 16",
    "5, 1, 15",
    "2, 1, 17",
    "4, 1, 300",
    "1, 1, 5000",
    "2, 6, 3",
    "3, 7, 33",
    "1, 700, 3",
    "2, 257, 16",
    "1, 131, 40"
  })
  void allPassesGiveEqualBits(int rows, int pixels, int channels) {
    NormalizedRow row = new NormalizedRow(pixels, channels);
    int length = row.length();
    for (boolean special : new boolean[] {false, true}) {
      String what = rows + " rows of " + row + " " + random;
      float[] x = values(special, rows * length + 9);
      float[] dy = values(special, rows * length + 9);
      float[] scale = random.plain(length + 9);
      float[] shift = random.plain(length + 9);
      LayerNormKernels[] both = {scalar, simd};
      float[] before = random.plain(2 * (rows * length + 8) + 2 * (rows + 8) + 48);
      int y = 4;
      int dx = y + rows * length + 8;
      int mean = dx + rows * length + 8;
      int inverse = mean + rows + 8;
      int gradients = inverse + rows + 4;
      float[][] results = new float[2][];
      for (int i = 0; i < 2; i++) {
        float[] r = before.clone();
        both[i].statistics(row, rows, EPSILON, x, 3, r, mean, r, inverse);
        both[i].normalize(row, rows, x, 3, r, mean, r, inverse, scale, 5, shift, 6, r, y);
        both[i].backward(row, rows, x, 3, dy, 7, r, mean, r, inverse, scale, 5, r, dx);
        int last = length - Kernels.LANES;
        both[i].accumulateGradients(
            length,
            rows,
            x,
            3 + last,
            dy,
            7 + last,
            r,
            mean,
            r,
            inverse,
            r,
            gradients,
            r,
            gradients + Kernels.LANES);
        results[i] = r;
      }
      Bits.assertSame(results[1], results[0], what);
      Bits.assertUntouchedOutside(results[1], before, y, before.length, what);
      for (int begin : new int[] {y, dx}) {
        Bits.assertUntouchedOutside(
            Arrays.copyOfRange(results[1], begin + rows * length, begin + rows * length + 4),
            Arrays.copyOfRange(before, begin + rows * length, begin + rows * length + 4),
            4,
            4,
            what);
      }
    }
  }

  private float[] values(boolean special, int length) {
    return special ? random.mixed(length) : random.plain(length);
  }

  @ParameterizedTest
  @CsvSource({"1, 5", "1, 48", "9, 3", "300, 20"})
  void resultsAreRightAndPaddingDoesNotCount(int pixels, int channels) {
    NormalizedRow row = new NormalizedRow(pixels, channels);
    int length = row.length();
    float[] x = random.plain(length);
    float[] dy = random.plain(length);
    float[] scale = random.plain(length);
    float[] shift = random.plain(length);
    for (int i = 0; i < length; i++) {
      x[i] = 1000 + x[i];
      if (i % row.pitch() >= channels) {
        x[i] = Float.NaN;
        dy[i] = Float.NaN;
      }
    }
    double sum = 0;
    double gradients = 0;
    for (int i = 0; i < length; i++) {
      sum += counts(row, i) ? x[i] : 0;
      gradients += counts(row, i) ? (double) dy[i] * scale[i] : 0;
    }
    double center = sum / row.elements();
    double squares = 0;
    for (int i = 0; i < length; i++) {
      squares += counts(row, i) ? (x[i] - center) * (x[i] - center) : 0;
    }
    double factor = 1 / Math.sqrt(squares / row.elements() + EPSILON);
    double products = 0;
    for (int i = 0; i < length; i++) {
      products += counts(row, i) ? (double) dy[i] * scale[i] * (x[i] - center) * factor : 0;
    }
    float[] mean = new float[1];
    float[] inverse = new float[1];
    float[] y = new float[length];
    float[] dx = new float[length];
    for (LayerNormKernels kernels : new LayerNormKernels[] {scalar, simd}) {
      kernels.statistics(row, 1, EPSILON, x, 0, mean, 0, inverse, 0);
      kernels.normalize(row, 1, x, 0, mean, 0, inverse, 0, scale, 0, shift, 0, y, 0);
      kernels.backward(row, 1, x, 0, dy, 0, mean, 0, inverse, 0, scale, 0, dx, 0);
      for (int i = 0; i < length; i++) {
        if (counts(row, i)) {
          double normalized = (x[i] - center) * factor;
          assertThat((double) y[i])
              .as("y, %s", random)
              .isCloseTo(normalized * scale[i] + shift[i], within(1e-3));
          double expected =
              factor
                  * ((double) dy[i] * scale[i]
                      - gradients / row.elements()
                      - normalized * products / row.elements());
          assertThat((double) dx[i]).as("dx, %s", random).isCloseTo(expected, within(1e-3));
        }
      }
    }
  }

  private static Offset<Double> within(double distance) {
    return Offset.offset(distance);
  }

  private static boolean counts(NormalizedRow row, int i) {
    return i % row.pitch() < row.channels();
  }
}
