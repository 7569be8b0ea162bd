package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batch normalisation: right against double, equal bits, only its channels written. */
final class NormalizationTwinsTest {
  private static final float EPSILON = 1e-5f;

  private final NormalizationKernels scalar = new ScalarNormalizationKernels();
  private final NormalizationKernels simd = new SimdNormalizationKernels();
  private final RandomValues random = RandomValues.fromProperty();

  @ParameterizedTest
  @CsvSource({
    "1, 1, 0, 1",
    "2, 3, 0, 3",
    "5, 6, 1, 6",
    "257, 16, 0, 16",
    "300, 16, 0, 5",
    "7, 20, 3, 20",
    "513, 33, 0, 33",
    "64, 64, 16, 64",
    "3, 40, 7, 38"
  })
  void allPassesGiveEqualBits(int rows, int channels, int channelBegin, int channelEnd) {
    int pitch = channels + 2;
    for (boolean special : new boolean[] {false, true}) {
      String what = rows + " rows, channels " + channelBegin + "-" + channelEnd + " " + random;
      float[] x = special ? random.mixed(rows * pitch + 9) : random.plain(rows * pitch + 9);
      float[] dy = special ? random.mixed(rows * pitch + 9) : random.plain(rows * pitch + 9);
      float[] scale = random.plain(channels + 9);
      float[] shift = random.plain(channels + 9);
      float[][] results = new float[2][];
      NormalizationKernels[] both = {scalar, simd};
      float[] before = random.plain(4 * (channels + 8) + 2 * (rows * pitch + 8));
      for (int i = 0; i < 2; i++) {
        float[] r = before.clone();
        int size = channels + 8;
        int mean = 4;
        int variance = size + 4;
        int dScale = 2 * size + 4;
        int dShift = 3 * size + 4;
        int y = 4 * size + 4;
        int dx = y + rows * pitch + 8;
        both[i].statistics(x, 3, rows, pitch, channelBegin, channelEnd, r, mean, r, variance);
        both[i].normalize(
            x,
            3,
            rows,
            pitch,
            channelBegin,
            channelEnd,
            r,
            mean,
            r,
            variance,
            EPSILON,
            scale,
            5,
            shift,
            6,
            r,
            y);
        both[i].backwardSums(
            x,
            3,
            dy,
            7,
            rows,
            pitch,
            channelBegin,
            channelEnd,
            r,
            mean,
            r,
            variance,
            EPSILON,
            r,
            dScale,
            r,
            dShift);
        both[i].backward(
            x,
            3,
            dy,
            7,
            rows,
            pitch,
            channelBegin,
            channelEnd,
            r,
            mean,
            r,
            variance,
            EPSILON,
            scale,
            5,
            r,
            dScale,
            r,
            dShift,
            r,
            dx);
        results[i] = r;
        for (int m = 0; m < rows; m++) {
          for (int c = 0; c < pitch; c++) {
            if (c < channelBegin || c >= channelEnd) {
              Bits.assertSame(r[y + m * pitch + c], before[y + m * pitch + c], what + " y", c);
              Bits.assertSame(r[dx + m * pitch + c], before[dx + m * pitch + c], what + " dx", c);
            }
          }
        }
        for (int part = 0; part < 4; part++) {
          for (int c = 0; c < size; c++) {
            if (c < 4 + channelBegin || c >= 4 + channelEnd) {
              int at = part * size + c;
              Bits.assertSame(r[at], before[at], what + " part " + part, c);
            }
          }
        }
      }
      Bits.assertSame(results[1], results[0], what);
      if (!special) {
        assertRight(results[1], x, dy, scale, shift, rows, pitch, channels, channelBegin, what);
      }
    }
  }

  /** One channel against its definition in double. */
  private static void assertRight(
      float[] r,
      float[] x,
      float[] dy,
      float[] scale,
      float[] shift,
      int rows,
      int pitch,
      int channels,
      int c,
      String what) {
    int size = channels + 8;
    double mean = 0;
    for (int m = 0; m < rows; m++) {
      mean += x[3 + m * pitch + c];
    }
    mean /= rows;
    double variance = 0;
    for (int m = 0; m < rows; m++) {
      variance += Math.pow(x[3 + m * pitch + c] - mean, 2);
    }
    variance /= rows;
    double inverse = 1 / Math.sqrt(variance + EPSILON);
    double dScale = 0;
    double dShift = 0;
    for (int m = 0; m < rows; m++) {
      dShift += dy[7 + m * pitch + c];
      dScale += dy[7 + m * pitch + c] * (x[3 + m * pitch + c] - mean) * inverse;
    }
    Offset<Double> near = Offset.offset(1e-4 * (1 + Math.sqrt(rows)));
    assertThat((double) r[4 + c]).as("mean " + what).isCloseTo(mean, near);
    assertThat((double) r[size + 4 + c]).as("variance " + what).isCloseTo(variance, near);
    assertThat((double) r[2 * size + 4 + c]).as("dScale " + what).isCloseTo(dScale, near);
    assertThat((double) r[3 * size + 4 + c]).as("dShift " + what).isCloseTo(dShift, near);
    if (rows < 3) {
      // Two rows or one: the variance may be near zero, and everything after it ill-conditioned.
      return;
    }
    for (int m = 0; m < rows; m++) {
      double normalized = (x[3 + m * pitch + c] - mean) * inverse;
      double dx =
          scale[5 + c]
              * inverse
              * (dy[7 + m * pitch + c] - dShift / rows - normalized * dScale / rows);
      int at = 4 * size + 4 + m * pitch + c;
      assertThat((double) r[at])
          .as("y " + what)
          .isCloseTo(normalized * scale[5 + c] + shift[6 + c], Offset.offset(1e-4));
      assertThat((double) r[at + rows * pitch + 8])
          .as("dx " + what)
          .isCloseTo(dx, Offset.offset(1e-4 * (1 + inverse)));
    }
  }
}
