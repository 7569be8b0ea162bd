package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The own elementary functions against double, over their whole range. */
final class ElementaryFunctionsTest {
  @Test
  void expIsRightOverItsWholeRange() {
    double worst = 0;
    for (float x = -87.3f; x < 88.72f; x += 0.00037f) {
      double exact = StrictMath.exp(x);
      worst = Math.max(worst, Math.abs(ScalarFunctions.exp(x) - exact) / exact);
    }
    assertThat(worst).isLessThan(1e-7);
  }

  @Test
  void expIsRightWhereItsResultIsSubnormal() {
    for (float x = -104.5f; x < -87.2f; x += 0.0011f) {
      double exact = StrictMath.exp(x);
      double step = Float.MIN_VALUE;
      assertThat(Math.abs(ScalarFunctions.exp(x) - exact))
          .as("e^" + x)
          .isLessThanOrEqualTo(0.51 * step + 1e-7 * exact);
    }
  }

  @Test
  void expIsRightAtTheEdges() {
    assertThat(ScalarFunctions.exp(0f)).isEqualTo(1f);
    assertThat(ScalarFunctions.exp(-0f)).isEqualTo(1f);
    assertThat(ScalarFunctions.exp(88.72284f)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(ScalarFunctions.exp(88.72283f)).isLessThan(Float.POSITIVE_INFINITY);
    assertThat(ScalarFunctions.exp(1e30f)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(ScalarFunctions.exp(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(ScalarFunctions.exp(-104f)).isEqualTo(0f);
    assertThat(ScalarFunctions.exp(-1e30f)).isEqualTo(0f);
    assertThat(ScalarFunctions.exp(Float.NEGATIVE_INFINITY)).isEqualTo(0f);
    assertThat(ScalarFunctions.exp(Float.NaN)).isNaN();
  }

  @Test
  void tanhIsRightOverItsWholeRange() {
    double worst = 0;
    for (float x = -12f; x < 12f; x += 0.000043f) {
      double exact = StrictMath.tanh(x);
      if (exact != 0) {
        worst = Math.max(worst, Math.abs((ScalarFunctions.tanh(x) - exact) / exact));
      }
    }
    assertThat(worst).isLessThan(3e-7);
    assertThat(ScalarFunctions.tanh(1e-30f)).isEqualTo(1e-30f);
    assertThat(ScalarFunctions.tanh(-0f)).isEqualTo(-0f);
    assertThat(ScalarFunctions.tanh(1e30f)).isEqualTo(1f);
    assertThat(ScalarFunctions.tanh(Float.NEGATIVE_INFINITY)).isEqualTo(-1f);
    assertThat(ScalarFunctions.tanh(Float.NaN)).isNaN();
  }

  @Test
  void normalCumulativeIsRightOverItsWholeRange() {
    double worst = 0;
    for (float x = -14f; x < 14f; x += 0.00053f) {
      double exact = 0.5 * (1 + erf(x / Math.sqrt(2)));
      worst = Math.max(worst, Math.abs(normalCumulative(x) - exact));
    }
    assertThat(worst).isLessThan(2e-7);
    assertThat(normalCumulative(-20f)).isEqualTo(0f);
    assertThat(normalCumulative(20f)).isEqualTo(1f);
    assertThat(normalCumulative(Float.NEGATIVE_INFINITY)).isEqualTo(0f);
    assertThat(normalCumulative(Float.POSITIVE_INFINITY)).isEqualTo(1f);
    assertThat(normalCumulative(Float.NaN)).isNaN();
  }

  private static float normalCumulative(float x) {
    return ScalarFunctions.normalCumulative(x, ScalarFunctions.gauss(x));
  }

  @Test
  void geluIsRightWithItsDerivative() {
    PointwiseKernels kernels = new ScalarPointwiseKernels();
    float[] y = new float[1];
    for (float x = -6f; x < 6f; x += 0.0037f) {
      double cumulative = 0.5 * (1 + erf(x / Math.sqrt(2)));
      double density = StrictMath.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
      kernels.apply(PointwiseFunction.GELU, 1f, new float[] {x}, 0, y, 0, 1);
      assertThat(Math.abs(y[0] - x * cumulative)).as("gelu " + x).isLessThan(1e-6);
      kernels.applyBackward(
          PointwiseFunction.GELU, 1f, new float[] {x}, 0, y, 0, new float[] {1}, 0, y, 0, 1);
      assertThat(Math.abs(y[0] - (cumulative + x * density))).as("gelu' " + x).isLessThan(1e-6);
    }
  }

  @Test
  void logIsRightOverItsWholeRange() {
    double worst = 0;
    for (int bits = 1; bits < 0x7F800000; bits += 1999) {
      float x = Float.intBitsToFloat(bits);
      worst = Math.max(worst, ulps(ScalarFunctions.log(x), StrictMath.log(x)));
    }
    for (float x = 0.5f; x < 2f; x = Math.nextUp(x)) {
      worst = Math.max(worst, ulps(ScalarFunctions.log(x), StrictMath.log(x)));
    }
    assertThat(worst).isLessThan(1);
    assertThat(ScalarFunctions.log(1f)).isEqualTo(0f);
    assertThat(ScalarFunctions.log(0f)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(ScalarFunctions.log(-0f)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(ScalarFunctions.log(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(ScalarFunctions.log(-1f)).isNaN();
    assertThat(ScalarFunctions.log(Float.NEGATIVE_INFINITY)).isNaN();
    assertThat(ScalarFunctions.log(Float.NaN)).isNaN();
  }

  @Test
  void log1pIsRightForAllThatIsNotNegative() {
    double worst = 0;
    for (int bits = 0; bits < 0x7F800000; bits += 1501) {
      float x = Float.intBitsToFloat(bits);
      worst = Math.max(worst, ulps(ScalarFunctions.log1p(x), StrictMath.log1p(x)));
    }
    for (float x = 1e-4f; x < 4f; x *= 1.00001f) {
      worst = Math.max(worst, ulps(ScalarFunctions.log1p(x), StrictMath.log1p(x)));
    }
    assertThat(worst).isLessThan(2);
    assertThat(ScalarFunctions.log1p(0f)).isEqualTo(0f);
    assertThat(ScalarFunctions.log1p(Float.NaN)).isNaN();
  }

  /** The distance in units of the exact result's last place as a float. */
  private static double ulps(float actual, double exact) {
    return Math.abs(actual - exact) / Math.ulp((float) exact);
  }

  @Test
  void simdLogGivesTheScalarBits() {
    RandomValues random = RandomValues.fromProperty();
    float[] special = {0f, -0f, Float.MIN_VALUE, 1e-40f, Float.MIN_NORMAL, 1f, Float.MAX_VALUE};
    for (int round = 0; round < 50; round++) {
      float[] x = random.mixed(64);
      System.arraycopy(special, 0, x, 20, special.length);
      for (int i = 32; i < 64; i++) {
        x[i] = Float.intBitsToFloat(random.below(0x7F800000));
      }
      float[] actual = x.clone();
      SimdFunctions.log(actual, 16, 48);
      for (int i = 0; i < x.length; i++) {
        float expected = i < 16 ? x[i] : ScalarFunctions.log(x[i]);
        Bits.assertSame(actual[i], expected, "log " + x[i] + " " + random, i);
      }
    }
  }

  @Test
  void geluTanhIsRightWithItsDerivative() {
    PointwiseKernels kernels = new ScalarPointwiseKernels();
    float[] y = new float[1];
    double root = StrictMath.sqrt(2 / Math.PI);
    for (float x = -9f; x < 9f; x += 0.0037f) {
      double t = StrictMath.tanh(root * (x + 0.044715 * x * x * x));
      double steepness = root * (1 + 3 * 0.044715 * x * x);
      double derivative = 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * steepness;
      kernels.apply(PointwiseFunction.GELU_TANH, 1f, new float[] {x}, 0, y, 0, 1);
      assertThat(Math.abs(y[0] - 0.5 * x * (1 + t))).as("gelu " + x).isLessThan(1e-6);
      kernels.applyBackward(
          PointwiseFunction.GELU_TANH, 1f, new float[] {x}, 0, y, 0, new float[] {1}, 0, y, 0, 1);
      assertThat(Math.abs(y[0] - derivative)).as("gelu' " + x).isLessThan(1e-6);
    }
  }

  @Test
  void softplusIsRightWithItsDerivative() {
    PointwiseKernels kernels = new ScalarPointwiseKernels();
    float[] y = new float[1];
    for (float beta : new float[] {1f, 0.3f, 4f}) {
      for (float x = -20f; x < 30f; x += 0.0137f) {
        double z = (double) beta * x;
        double exact = z > 20 ? x : StrictMath.log1p(StrictMath.exp(z)) / beta;
        kernels.softplus(beta, 20f, new float[] {x}, 0, y, 0, 1);
        // The rounding of beta · x alone moves e^z by |z| half ulps.
        assertThat(ulps(y[0], exact)).as("softplus " + x).isLessThan(4 + Math.abs(z));
        double derivative = z > 20 ? 1 : 1 / (1 + StrictMath.exp(-z));
        kernels.softplusBackward(beta, 20f, new float[] {x}, 0, new float[] {1}, 0, y, 0, 1);
        assertThat(ulps(y[0], derivative)).as("softplus' " + x).isLessThan(4 + Math.abs(z));
      }
    }
    kernels.softplus(1f, 1000f, new float[] {100f}, 0, y, 0, 1);
    assertThat(y[0]).isEqualTo(100f);
  }

  /** The Maclaurin series in double for |x| < 3, else 1 − erfc by its continued fraction. */
  private static double erf(double x) {
    double a = Math.abs(x);
    double result;
    if (a < 3) {
      double term = a;
      result = a;
      for (int n = 1; n < 200; n++) {
        term *= -a * a / n;
        result += term / (2 * n + 1);
      }
      result *= 2 / Math.sqrt(Math.PI);
    } else {
      double fraction = a;
      for (int n = 100; n >= 1; n--) {
        fraction = a + n / 2.0 / fraction;
      }
      result = 1 - StrictMath.exp(-a * a) / Math.sqrt(Math.PI) / fraction;
    }
    return x < 0 ? -result : result;
  }
}
