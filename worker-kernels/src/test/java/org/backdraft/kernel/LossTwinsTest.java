package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Losses: right against double, equal bits, with and without room after the array's range. */
final class LossTwinsTest {
  private static final int[] LENGTHS = {1, 2, 4, 7, 8, 10, 15, 16, 17, 24, 31, 32, 33, 100, 1000};

  private final LossKernels scalar = new ScalarLossKernels();
  private final LossKernels simd = new SimdLossKernels();
  private final RandomValues random = RandomValues.fromProperty();

  @Test
  void crossEntropyGivesEqualBits() {
    for (int classes : LENGTHS) {
      for (int room : new int[] {0, 3, 16}) {
        for (boolean special : new boolean[] {false, true}) {
          int size = 5 + classes + room;
          float[] x = special ? random.mixed(size) : random.plain(size);
          int label = random.below(classes);
          String what = classes + " classes, room " + room + ", label " + label + " " + random;
          float[] before = random.plain(size);
          float[] expected = before.clone();
          float[] actual = before.clone();
          float expectedLoss = scalar.softmaxCrossEntropy(x, 5, classes, label, expected, 2);
          float loss = simd.softmaxCrossEntropy(x, 5, classes, label, actual, 2);
          Bits.assertSame(loss, expectedLoss, what, -1);
          Bits.assertSame(
              simd.softmaxCrossEntropy(x, 5, classes, label, null, 0), loss, what + " alone", -1);
          Bits.assertSame(actual, expected, what);
          Bits.assertUntouchedOutside(actual, before, 2, 2 + classes, what);

          float[] softmax = before.clone();
          float[] simdSoftmax = before.clone();
          scalar.softmax(x, 5, classes, softmax, 2);
          simd.softmax(x, 5, classes, simdSoftmax, 2);
          Bits.assertSame(simdSoftmax, softmax, "softmax " + what);
          if (!special) {
            assertCrossEntropyRight(x, classes, label, loss, actual, what);
          }
          float[] inPlace = x.clone();
          Bits.assertSame(
              simd.softmaxCrossEntropy(inPlace, 5, classes, label, inPlace, 5), loss, what, -1);
          for (int j = 0; j < classes; j++) {
            Bits.assertSame(inPlace[5 + j], expected[2 + j], what + " in place", j);
          }
        }
      }
    }
  }

  private static void assertCrossEntropyRight(
      float[] x, int classes, int label, float loss, float[] dx, String what) {
    double sum = 0;
    for (int j = 0; j < classes; j++) {
      sum += Math.exp(x[5 + j]);
    }
    assertThat((double) loss).as(what).isCloseTo(Math.log(sum) - x[5 + label], Offset.offset(2e-6));
    for (int j = 0; j < classes; j++) {
      double gradient = Math.exp(x[5 + j]) / sum - (j == label ? 1 : 0);
      assertThat((double) dx[2 + j]).as(what).isCloseTo(gradient, Offset.offset(1e-6));
    }
  }

  @Test
  void crossEntropyDoesNotOverflow() {
    for (LossKernels kernels : new LossKernels[] {scalar, simd}) {
      float[] x = {1e30f, -1e30f, 0};
      assertThat(kernels.softmaxCrossEntropy(x, 0, 3, 0, null, 0)).isZero();
      assertThat(kernels.softmaxCrossEntropy(x, 0, 3, 2, null, 0)).isEqualTo(1e30f);
      float[] infinite = {Float.POSITIVE_INFINITY, 0, 0};
      assertThat(kernels.softmaxCrossEntropy(infinite, 0, 3, 1, null, 0)).isNaN();
    }
  }

  @Test
  void squaredErrorGivesEqualBits() {
    for (int length : LENGTHS) {
      for (int room : new int[] {0, 16}) {
        for (boolean special : new boolean[] {false, true}) {
          int size = 5 + length + room;
          float[] x = special ? random.mixed(size) : random.plain(size);
          float[] target = random.plain(size);
          float[] before = random.plain(size);
          float[] expected = before.clone();
          float[] actual = before.clone();
          String what = "length " + length + ", room " + room + " " + random;
          float expectedLoss = scalar.squaredError(x, 5, target, 3, length, expected, 2);
          float loss = simd.squaredError(x, 5, target, 3, length, actual, 2);
          Bits.assertSame(loss, expectedLoss, what, -1);
          Bits.assertSame(actual, expected, what);
          Bits.assertUntouchedOutside(actual, before, 2, 2 + length, what);
          if (!special) {
            double sum = 0;
            for (int j = 0; j < length; j++) {
              sum += Math.pow((double) x[5 + j] - target[3 + j], 2) / 2;
            }
            assertThat((double) loss).as(what).isCloseTo(sum, Offset.offset(1e-5 * (1 + sum)));
          }
        }
      }
    }
  }
}
