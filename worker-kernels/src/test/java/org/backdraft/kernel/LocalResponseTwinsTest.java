package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.backdraft.tensor.ActivationLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Local response normalisation: right against double, equal bits, only its pixels written. */
final class LocalResponseTwinsTest {
  private final LocalResponseKernels scalar = new ScalarLocalResponseKernels();
  private final LocalResponseKernels simd = new SimdLocalResponseKernels();
  private final RandomValues random = RandomValues.fromProperty();

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "5, 3, 2",
    "5, 16, 3",
    "4, 17, 3",
    "3, 33, 5",
    "9, 5, 2",
    "40, 20, 1",
    "5, 96, 2",
    "2, 7, 0"
  })
  void bothPassesGiveEqualBits(int size, int channels, int pixels) {
    LocalResponse settings = new LocalResponse(size, 0.3f, 0.75f, 1.5f);
    int pitch = ActivationLayout.roundUpToLanes(channels);
    int length = pixels * pitch;
    for (boolean special : new boolean[] {false, true}) {
      String what = settings + ", channels " + channels + " " + random;
      float[] x = special ? random.mixed(length + 9) : random.plain(length + 9);
      float[] dy = special ? random.mixed(length + 9) : random.plain(length + 9);
      float[] before = random.plain(length + 20);
      float[] expected = before.clone();
      float[] actual = before.clone();
      scalar.apply(settings, pixels, channels, pitch, x, 3, expected, 5);
      simd.apply(settings, pixels, channels, pitch, x, 3, actual, 5);
      assertLogicalSame(pitch, channels, length, actual, expected, 5, what);
      Bits.assertUntouchedOutside(actual, before, 5, 5 + length, what);
      scalar.applyBackward(settings, pixels, channels, pitch, x, 3, dy, 7, expected, 5);
      simd.applyBackward(settings, pixels, channels, pitch, x, 3, dy, 7, actual, 5);
      assertLogicalSame(pitch, channels, length, actual, expected, 5, what + " backward");
      Bits.assertUntouchedOutside(actual, before, 5, 5 + length, what);
    }
  }

  private static void assertLogicalSame(
      int pitch,
      int channels,
      int length,
      float[] actual,
      float[] expected,
      int base,
      String what) {
    for (int i = 0; i < length; i++) {
      if (i % pitch < channels) {
        Bits.assertSame(actual[base + i], expected[base + i], what, i);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"5, 20, 0.0001, 0.75, 1", "4, 20, 1, 0.5, 2", "3, 2, 10, 1.5, 0.1"})
  void resultsAreRight(int size, int channels, float alpha, float beta, float k) {
    LocalResponse settings = new LocalResponse(size, alpha, beta, k);
    float[] x = random.plain(32);
    float[] dy = random.plain(32);
    float[] y = new float[32];
    float[] dx = new float[32];
    double[] denominators = new double[channels];
    for (int c = 0; c < channels; c++) {
      double sum = 0;
      for (int j = Math.max(0, c - size / 2);
          j <= Math.min(channels - 1, c + (size - 1) / 2);
          j++) {
        sum += (double) x[j] * x[j];
      }
      denominators[c] = k + alpha / size * sum;
    }
    for (LocalResponseKernels kernels : new LocalResponseKernels[] {scalar, simd}) {
      kernels.apply(settings, 1, channels, 32, x, 0, y, 0);
      kernels.applyBackward(settings, 1, channels, 32, x, 0, dy, 0, dx, 0);
      for (int c = 0; c < channels; c++) {
        double exact = x[c] * StrictMath.pow(denominators[c], -beta);
        assertThat((double) y[c]).as("y, %s", random).isCloseTo(exact, near(exact));
        double slope = dy[c] * StrictMath.pow(denominators[c], -beta);
        for (int j = 0; j < channels; j++) {
          if (c >= j - size / 2 && c <= j + (size - 1) / 2) {
            double outer = dy[j] * x[j] * StrictMath.pow(denominators[j], -beta - 1);
            slope -= 2 * alpha * beta / size * x[c] * outer;
          }
        }
        assertThat((double) dx[c]).as("dx, %s", random).isCloseTo(slope, Offset.offset(2e-4));
      }
    }
  }

  private static Offset<Double> near(double exact) {
    return Offset.offset(2e-6 * Math.abs(exact));
  }
}
