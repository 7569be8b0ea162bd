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
