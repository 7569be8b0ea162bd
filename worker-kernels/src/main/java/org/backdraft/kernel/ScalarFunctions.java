package org.backdraft.kernel;

/**
 * Elementary functions in float, written as the exact sequence of IEEE operations that the SIMD
 * twin repeats lane by lane.
 */
final class ScalarFunctions {
  static final float LOG2_E = 1.44269504f;

  /** ln 2 in two parts; the first has few bits, so that n · LN2_HIGH is exact for |n| < 2^9. */
  static final float LN2_HIGH = 0.693359375f;

  static final float LN2_LOW = -2.12194440e-4f;

  /** Adding 1.5 · 2^23 rounds to an integer, to nearest even. */
  static final float MAGIC = 12582912f;

  static final float EXP_MAX = 88.72284f;
  static final float EXP_MIN = -103.97208f;

  private ScalarFunctions() {}

  /** e^x; relative error below 2e-7 for normal results. */
  static float exp(float x) {
    float clamped = x > EXP_MAX + 1 ? EXP_MAX + 1 : x;
    clamped = clamped < EXP_MIN - 1 ? EXP_MIN - 1 : clamped;
    float shifted = Math.fma(clamped, LOG2_E, MAGIC);
    float n = shifted - MAGIC;
    float r = Math.fma(n, -LN2_HIGH, clamped);
    r = Math.fma(n, -LN2_LOW, r);
    float p = 1.9875691500e-4f;
    p = Math.fma(p, r, 1.3981999507e-3f);
    p = Math.fma(p, r, 8.3334519073e-3f);
    p = Math.fma(p, r, 4.1665795894e-2f);
    p = Math.fma(p, r, 1.6666665459e-1f);
    p = Math.fma(p, r, 5.0000001201e-1f);
    p = Math.fma(p, r * r, r) + 1f;
    // 2^n in two factors: n lies in [-152, 129], beyond a single float's exponent.
    int exponent = Float.floatToRawIntBits(shifted) - Float.floatToRawIntBits(MAGIC);
    int half = exponent >> 1;
    float first = Float.intBitsToFloat((half + 127) << 23);
    float second = Float.intBitsToFloat((exponent - half + 127) << 23);
    float y = p * first * second;
    return Float.isNaN(x) ? x : y;
  }

  /** tanh x: an odd polynomial below 0.625, else 1 − 2 / (e^(2|x|) + 1) with the sign of x. */
  static float tanh(float x) {
    float a = Math.abs(x);
    float square = x * x;
    float p = -5.70498872745e-3f;
    p = Math.fma(p, square, 2.06390887954e-2f);
    p = Math.fma(p, square, -5.37397155531e-2f);
    p = Math.fma(p, square, 1.33314422036e-1f);
    p = Math.fma(p, square, -3.33332819422e-1f);
    float small = Math.fma(p * square, x, x);
    float large = 1f - 2f / (exp(a + a) + 1f);
    large = x < 0 ? -large : large;
    return a < 0.625f ? small : large;
  }

  /**
   * The error function, absolute error below 3e-7: 1 − erfc by the Chebyshev fit of Press et al.,
   * <em>Numerical Recipes</em>, §6.2.
   */
  static float erf(float x) {
    float a = Math.abs(x);
    float t = 1f / Math.fma(0.5f, a, 1f);
    float p = 0.17087277f;
    p = Math.fma(p, t, -0.82215223f);
    p = Math.fma(p, t, 1.48851587f);
    p = Math.fma(p, t, -1.13520398f);
    p = Math.fma(p, t, 0.27886807f);
    p = Math.fma(p, t, -0.18628806f);
    p = Math.fma(p, t, 0.09678418f);
    p = Math.fma(p, t, 0.37409196f);
    p = Math.fma(p, t, 1.00002368f);
    p = Math.fma(p, t, -1.26551223f);
    float tail = t * exp(Math.fma(-a, a, p));
    float y = 1f - tail;
    return x < 0 ? -y : y;
  }
}
