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
          float weight = room == 3 ? 0.7f : 1f;
          String what = classes + " classes, room " + room + ", label " + label + " " + random;
          float[] before = random.plain(size);
          float[] expected = before.clone();
          float[] actual = before.clone();
          float expectedLoss =
              scalar.softmaxCrossEntropy(x, 5, classes, label, weight, expected, 2);
          float loss = simd.softmaxCrossEntropy(x, 5, classes, label, weight, actual, 2);
          Bits.assertSame(loss, expectedLoss, what, -1);
          Bits.assertSame(
              simd.softmaxCrossEntropy(x, 5, classes, label, weight, null, 0),
              loss,
              what + " alone",
              -1);
          Bits.assertSame(actual, expected, what);
          Bits.assertUntouchedOutside(actual, before, 2, 2 + classes, what);

          float[] softmax = before.clone();
          float[] simdSoftmax = before.clone();
          scalar.softmax(x, 5, classes, softmax, 2);
          simd.softmax(x, 5, classes, simdSoftmax, 2);
          Bits.assertSame(simdSoftmax, softmax, "softmax " + what);
          if (!special && weight == 1f) {
            assertCrossEntropyRight(x, classes, label, loss, actual, what);
          }
          float[] inPlace = x.clone();
          Bits.assertSame(
              simd.softmaxCrossEntropy(inPlace, 5, classes, label, weight, inPlace, 5),
              loss,
              what,
              -1);
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
      assertThat(kernels.softmaxCrossEntropy(x, 0, 3, 0, 1f, null, 0)).isZero();
      assertThat(kernels.softmaxCrossEntropy(x, 0, 3, 2, 1f, null, 0)).isEqualTo(1e30f);
      float[] infinite = {Float.POSITIVE_INFINITY, 0, 0};
      assertThat(kernels.softmaxCrossEntropy(infinite, 0, 3, 1, 1f, null, 0)).isNaN();
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

  /** A loss of numbers against targets. */
  private interface TargetLoss {
    float run(
        LossKernels k, float[] x, int xBase, float[] target, int length, float[] dx, int dxBase);
  }

  /** The same in double for one output: the value, and its slope by x. */
  private interface Formula {
    double of(double x, double target);
  }

  private void assertTargetLoss(String name, TargetLoss loss, Formula value, Formula slope) {
    for (int length : LENGTHS) {
      for (boolean special : new boolean[] {false, true}) {
        int size = 5 + length + 4;
        float[] x = special ? random.mixed(size) : random.plain(size);
        float[] target = random.positive(size);
        for (int i = 0; i < size; i++) {
          target[i] = i < 3 || i >= 3 + length ? Float.NaN : target[i] / 4;
          x[i] = i < 5 || i >= 5 + length ? Float.NaN : x[i];
        }
        String what = name + ", length " + length + ", special " + special + " " + random;
        float[] before = random.plain(size);
        float[] expected = before.clone();
        float[] actual = before.clone();
        float expectedLoss = loss.run(scalar, x, 5, target, length, expected, 2);
        float sum = loss.run(simd, x, 5, target, length, actual, 2);
        Bits.assertSame(sum, expectedLoss, what, -1);
        Bits.assertSame(actual, expected, what);
        Bits.assertUntouchedOutside(actual, before, 2, 2 + length, what);
        Bits.assertSame(loss.run(simd, x, 5, target, length, null, 0), sum, what + " alone", -1);
        float[] inPlace = x.clone();
        float[] scalarInPlace = x.clone();
        Bits.assertSame(loss.run(simd, inPlace, 5, target, length, inPlace, 5), sum, what, -1);
        Bits.assertSame(
            loss.run(scalar, scalarInPlace, 5, target, length, scalarInPlace, 5), sum, what, -1);
        for (int j = 0; j < length; j++) {
          Bits.assertSame(inPlace[5 + j], expected[2 + j], what + " in place", j);
          Bits.assertSame(scalarInPlace[5 + j], expected[2 + j], what + " in place", j);
        }
        if (!special) {
          double exact = 0;
          for (int j = 0; j < length; j++) {
            exact += value.of(x[5 + j], target[3 + j]);
            double d = slope.of(x[5 + j], target[3 + j]);
            assertThat((double) actual[2 + j]).as(what).isCloseTo(d, Offset.offset(1e-6));
          }
          assertThat((double) sum).as(what).isCloseTo(exact, Offset.offset(1e-6 * (1 + exact)));
        }
      }
    }
  }

  @Test
  void absoluteErrorGivesEqualBits() {
    assertTargetLoss(
        "l1",
        (k, x, xBase, t, n, dx, dxBase) -> k.absoluteError(x, xBase, t, 3, n, dx, dxBase),
        (x, t) -> Math.abs(x - t),
        (x, t) -> Math.signum(x - t));
  }

  @Test
  void huberGivesEqualBits() {
    assertTargetLoss(
        "huber",
        (k, x, xBase, t, n, dx, dxBase) -> k.huber(x, xBase, t, 3, n, 0.75f, dx, dxBase),
        (x, t) -> {
          double d = Math.abs(x - t);
          return d <= 0.75 ? d * d / 2 : 0.75 * (d - 0.375);
        },
        (x, t) -> Math.max(-0.75, Math.min(0.75, x - t)));
  }

  @Test
  void binaryCrossEntropyGivesEqualBits() {
    assertTargetLoss(
        "binary cross-entropy",
        (k, x, xBase, t, n, dx, dxBase) -> k.binaryCrossEntropy(x, xBase, t, 3, n, dx, dxBase),
        (x, t) -> t * Math.log1p(Math.exp(-x)) + (1 - t) * Math.log1p(Math.exp(x)),
        (x, t) -> 1 / (1 + Math.exp(-x)) - t);
  }

  @Test
  void binaryCrossEntropyDoesNotOverflow() {
    for (LossKernels kernels : new LossKernels[] {scalar, simd}) {
      float[] x = {1e30f, -1e30f, 100, -100};
      float[] target = {1, 0, 1, 0};
      assertThat(kernels.binaryCrossEntropy(x, 0, target, 0, 4, null, 0)).isLessThan(1e-40f);
      float[] wrong = {0, 0, 0, 1};
      float loss = kernels.binaryCrossEntropy(x, 2, wrong, 2, 2, null, 0);
      assertThat(loss).isEqualTo(200);
    }
  }

  @Test
  void softCrossEntropyGivesEqualBits() {
    for (int classes : LENGTHS) {
      for (boolean special : new boolean[] {false, true}) {
        int size = 5 + classes + 4;
        float[] x = special ? random.mixed(size) : random.plain(size);
        float[] target = random.positive(size);
        String what = classes + " classes, special " + special + " " + random;
        float[] before = random.plain(size);
        float[] expected = before.clone();
        float[] actual = before.clone();
        float expectedLoss = scalar.softCrossEntropy(x, 5, target, 3, classes, expected, 2);
        float loss = simd.softCrossEntropy(x, 5, target, 3, classes, actual, 2);
        Bits.assertSame(loss, expectedLoss, what, -1);
        Bits.assertSame(actual, expected, what);
        Bits.assertUntouchedOutside(actual, before, 2, 2 + classes, what);
        Bits.assertSame(
            simd.softCrossEntropy(x, 5, target, 3, classes, null, 0), loss, what + " alone", -1);
        float[] inPlace = x.clone();
        Bits.assertSame(
            simd.softCrossEntropy(inPlace, 5, target, 3, classes, inPlace, 5), loss, what, -1);
        for (int j = 0; j < classes; j++) {
          Bits.assertSame(inPlace[5 + j], expected[2 + j], what + " in place", j);
        }
        if (!special) {
          assertSoftCrossEntropyRight(x, target, classes, loss, actual, what);
        }
      }
    }
  }

  private static void assertSoftCrossEntropyRight(
      float[] x, float[] target, int classes, float loss, float[] dx, String what) {
    double sum = 0;
    double total = 0;
    for (int j = 0; j < classes; j++) {
      sum += Math.exp(x[5 + j]);
      total += target[3 + j];
    }
    double exact = 0;
    for (int j = 0; j < classes; j++) {
      exact += target[3 + j] * (Math.log(sum) - x[5 + j]);
      double gradient = total * Math.exp(x[5 + j]) / sum - target[3 + j];
      assertThat((double) dx[2 + j])
          .as(what)
          .isCloseTo(gradient, Offset.offset(1e-6 * (1 + total)));
    }
    assertThat((double) loss).as(what).isCloseTo(exact, Offset.offset(2e-6 * (1 + total) * 10));
  }

  @Test
  void multiMarginGivesEqualBits() {
    for (int classes : LENGTHS) {
      for (boolean special : new boolean[] {false, true}) {
        int size = 5 + classes + 4;
        float[] x = special ? random.mixed(size) : random.plain(size);
        int label = random.below(classes);
        String what = classes + " classes, label " + label + ", special " + special + " " + random;
        float[] before = random.plain(size);
        float[] expected = before.clone();
        float[] actual = before.clone();
        float expectedLoss = scalar.multiMargin(x, 5, classes, label, 1.5f, expected, 2);
        float loss = simd.multiMargin(x, 5, classes, label, 1.5f, actual, 2);
        Bits.assertSame(loss, expectedLoss, what, -1);
        Bits.assertSame(actual, expected, what);
        Bits.assertUntouchedOutside(actual, before, 2, 2 + classes, what);
        float[] inPlace = x.clone();
        Bits.assertSame(
            simd.multiMargin(inPlace, 5, classes, label, 1.5f, inPlace, 5), loss, what, -1);
        for (int j = 0; j < classes; j++) {
          Bits.assertSame(inPlace[5 + j], expected[2 + j], what + " in place", j);
        }
        if (!special) {
          assertMultiMarginRight(x, classes, label, loss, actual, what);
        }
      }
    }
  }

  private static void assertMultiMarginRight(
      float[] x, int classes, int label, float loss, float[] dx, String what) {
    double sum = 0;
    int above = 0;
    for (int j = 0; j < classes; j++) {
      double term = j == label ? 0 : Math.max(0, 1.5 - x[5 + label] + x[5 + j]);
      sum += term;
      above += term > 0 ? 1 : 0;
      if (j != label) {
        assertThat(dx[2 + j]).as(what).isEqualTo(term > 0 ? 1 : 0);
      }
    }
    assertThat(dx[2 + label]).as(what).isEqualTo(-above);
    assertThat((double) loss).as(what).isCloseTo(sum, Offset.offset(1e-6 * (1 + sum)));
  }
}
