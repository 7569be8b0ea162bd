package org.backdraft.kernel;

import static org.backdraft.kernel.ElementaryConstants.EXP_0;
import static org.backdraft.kernel.ElementaryConstants.EXP_1;
import static org.backdraft.kernel.ElementaryConstants.EXP_2;
import static org.backdraft.kernel.ElementaryConstants.EXP_3;
import static org.backdraft.kernel.ElementaryConstants.EXP_4;
import static org.backdraft.kernel.ElementaryConstants.EXP_MAX;
import static org.backdraft.kernel.ElementaryConstants.EXP_MIN;
import static org.backdraft.kernel.ElementaryConstants.LN2_HIGH;
import static org.backdraft.kernel.ElementaryConstants.LN2_LOW;
import static org.backdraft.kernel.ElementaryConstants.LOG2_E;
import static org.backdraft.kernel.ElementaryConstants.MAGIC_254;
import static org.backdraft.kernel.ElementaryConstants.MANTISSA_BITS;
import static org.backdraft.kernel.ElementaryConstants.SIGN_BIT;
import static org.backdraft.kernel.ElementaryConstants.TAIL_0;
import static org.backdraft.kernel.ElementaryConstants.TAIL_1;
import static org.backdraft.kernel.ElementaryConstants.TAIL_2;
import static org.backdraft.kernel.ElementaryConstants.TAIL_3;
import static org.backdraft.kernel.ElementaryConstants.TAIL_4;
import static org.backdraft.kernel.ElementaryConstants.TAIL_5;
import static org.backdraft.kernel.ElementaryConstants.TAIL_6;
import static org.backdraft.kernel.ElementaryConstants.TAIL_7;
import static org.backdraft.kernel.ElementaryConstants.TAIL_SLOPE;
import static org.backdraft.kernel.ElementaryConstants.TANH_0;
import static org.backdraft.kernel.ElementaryConstants.TANH_1;
import static org.backdraft.kernel.ElementaryConstants.TANH_2;
import static org.backdraft.kernel.ElementaryConstants.TANH_3;
import static org.backdraft.kernel.ElementaryConstants.TANH_4;
import static org.backdraft.kernel.ElementaryConstants.TANH_BORDER;

/**
 * Elementary functions in float, written as the exact sequence of IEEE operations that {@link
 * SimdFunctions} repeats lane by lane: fused multiply-adds, additions, divisions, comparisons and
 * moves of bits, nothing whose rounding a JVM may choose.
 *
 * @see ElementaryFunctionsTest
 */
final class ScalarFunctions {
  private ScalarFunctions() {}

  /**
   * e^x, relative error below 1e-7 where the result is normal, half a subnormal's step below that:
   * {@code 2^n · e^r} with {@code n = round(x / ln 2)}.
   */
  static float exp(float x) {
    // NaN passes through min and max, and then through every product.
    float clamped = Math.max(Math.min(x, EXP_MAX), EXP_MIN);
    float shifted = Math.fma(clamped, LOG2_E, MAGIC_254);
    float n = shifted - MAGIC_254;
    float r = Math.fma(n, -LN2_HIGH, clamped);
    r = Math.fma(n, -LN2_LOW, r);
    float p = EXP_4;
    p = Math.fma(p, r, EXP_3);
    p = Math.fma(p, r, EXP_2);
    p = Math.fma(p, r, EXP_1);
    p = Math.fma(p, r, EXP_0);
    p = Math.fma(p, r * r, r) + 1f;
    // n lies in [-151, 128], beyond one float's exponent: 2^n in two factors, of which only the
    // second product can round. The low bits of the shifted sum are n + 254, twice the bias.
    int bits = Float.floatToRawIntBits(shifted);
    int half = bits >> 1;
    float first = Float.intBitsToFloat(half << MANTISSA_BITS);
    float second = Float.intBitsToFloat((bits - half) << MANTISSA_BITS);
    return p * first * second;
  }

  /**
   * tanh x, relative error below 3e-7: an odd polynomial for small |x|, else 1 − 2 / (e^(2|x|) + 1)
   * with the sign of x.
   */
  static float tanh(float x) {
    float a = Math.abs(x);
    float square = a * a;
    float p = TANH_4;
    p = Math.fma(p, square, TANH_3);
    p = Math.fma(p, square, TANH_2);
    p = Math.fma(p, square, TANH_1);
    p = Math.fma(p, square, TANH_0);
    float small = Math.fma(p * square, a, a);
    float large = 1f - 2f / (exp(a + a) + 1f);
    return withSignOf(a < TANH_BORDER ? small : large, x);
  }

  /**
   * The normal distribution function Φ(x) = ½ (1 + erf(x / √2)), absolute error below 2e-7, from
   * {@link #gauss}(x), which who wants the density too has at hand: φ(x) = gauss(x) / √(2π).
   */
  static float normalCumulative(float x, float gauss) {
    float t = 1f / Math.fma(TAIL_SLOPE, Math.abs(x), 1f);
    float p = TAIL_7;
    p = Math.fma(p, t, TAIL_6);
    p = Math.fma(p, t, TAIL_5);
    p = Math.fma(p, t, TAIL_4);
    p = Math.fma(p, t, TAIL_3);
    p = Math.fma(p, t, TAIL_2);
    p = Math.fma(p, t, TAIL_1);
    p = Math.fma(p, t, TAIL_0);
    float lower = p * t * gauss;
    return x < 0f ? lower : 1f - lower;
  }

  /** e^(−x²/2). */
  static float gauss(float x) {
    return exp(x * x * -0.5f);
  }

  private static float withSignOf(float magnitude, float x) {
    int sign = Float.floatToRawIntBits(x) & SIGN_BIT;
    return Float.intBitsToFloat(Float.floatToRawIntBits(magnitude) | sign);
  }
}
