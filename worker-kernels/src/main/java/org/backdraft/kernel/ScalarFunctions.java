package org.backdraft.kernel;

import static org.backdraft.kernel.ElementaryConstants.ERFC_0;
import static org.backdraft.kernel.ElementaryConstants.ERFC_1;
import static org.backdraft.kernel.ElementaryConstants.ERFC_2;
import static org.backdraft.kernel.ElementaryConstants.ERFC_3;
import static org.backdraft.kernel.ElementaryConstants.ERFC_4;
import static org.backdraft.kernel.ElementaryConstants.ERFC_5;
import static org.backdraft.kernel.ElementaryConstants.ERFC_6;
import static org.backdraft.kernel.ElementaryConstants.ERFC_7;
import static org.backdraft.kernel.ElementaryConstants.ERF_0;
import static org.backdraft.kernel.ElementaryConstants.ERF_1;
import static org.backdraft.kernel.ElementaryConstants.ERF_2;
import static org.backdraft.kernel.ElementaryConstants.ERF_3;
import static org.backdraft.kernel.ElementaryConstants.ERF_4;
import static org.backdraft.kernel.ElementaryConstants.ERF_5;
import static org.backdraft.kernel.ElementaryConstants.ERF_6;
import static org.backdraft.kernel.ElementaryConstants.ERF_BORDER;
import static org.backdraft.kernel.ElementaryConstants.EXPONENT_BIAS;
import static org.backdraft.kernel.ElementaryConstants.EXP_0;
import static org.backdraft.kernel.ElementaryConstants.EXP_1;
import static org.backdraft.kernel.ElementaryConstants.EXP_2;
import static org.backdraft.kernel.ElementaryConstants.EXP_3;
import static org.backdraft.kernel.ElementaryConstants.EXP_4;
import static org.backdraft.kernel.ElementaryConstants.EXP_MAX;
import static org.backdraft.kernel.ElementaryConstants.EXP_MIN;
import static org.backdraft.kernel.ElementaryConstants.INVERSE_ROOT_2;
import static org.backdraft.kernel.ElementaryConstants.INVERSE_ROOT_2_PI;
import static org.backdraft.kernel.ElementaryConstants.LN2_HIGH;
import static org.backdraft.kernel.ElementaryConstants.LN2_LOW;
import static org.backdraft.kernel.ElementaryConstants.LOG2_E;
import static org.backdraft.kernel.ElementaryConstants.MAGIC;
import static org.backdraft.kernel.ElementaryConstants.MAGIC_BITS;
import static org.backdraft.kernel.ElementaryConstants.MANTISSA_BITS;
import static org.backdraft.kernel.ElementaryConstants.SIGN_BIT;
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
    float clamped = x > EXP_MAX ? EXP_MAX : x;
    clamped = clamped < EXP_MIN ? EXP_MIN : clamped;
    float shifted = Math.fma(clamped, LOG2_E, MAGIC);
    float n = shifted - MAGIC;
    float r = Math.fma(n, -LN2_HIGH, clamped);
    r = Math.fma(n, -LN2_LOW, r);
    float p = EXP_4;
    p = Math.fma(p, r, EXP_3);
    p = Math.fma(p, r, EXP_2);
    p = Math.fma(p, r, EXP_1);
    p = Math.fma(p, r, EXP_0);
    p = Math.fma(p, r * r, r) + 1f;
    // n lies in [-151, 128], beyond one float's exponent: 2^n in two factors, of which only the
    // second product can round.
    int exponent = Float.floatToRawIntBits(shifted) - MAGIC_BITS;
    int half = exponent >> 1;
    float first = Float.intBitsToFloat((half + EXPONENT_BIAS) << MANTISSA_BITS);
    float second = Float.intBitsToFloat((exponent - half + EXPONENT_BIAS) << MANTISSA_BITS);
    float y = p * first * second;
    return Float.isNaN(x) ? x : y;
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

  /** The error function, absolute error below 1.2e-7. */
  static float erf(float x) {
    float a = Math.abs(x);
    return withSignOf(a < ERF_BORDER ? erfSmall(a) : 1f - erfcLarge(a), x);
  }

  /** The normal distribution function Φ(x) = ½ (1 + erf(x / √2)), absolute error below 1e-7. */
  static float normalCumulative(float x) {
    float z = x * INVERSE_ROOT_2;
    float a = Math.abs(z);
    float middle = Math.fma(0.5f, withSignOf(erfSmall(a), z), 0.5f);
    float lower = 0.5f * erfcLarge(a);
    float tail = z < 0f ? lower : 1f - lower;
    return a < ERF_BORDER ? middle : tail;
  }

  /** φ(x) = e^(−x²/2) / √(2π). */
  static float normalDensity(float x) {
    return INVERSE_ROOT_2_PI * exp(x * x * -0.5f);
  }

  private static float erfSmall(float a) {
    float square = a * a;
    float p = ERF_6;
    p = Math.fma(p, square, ERF_5);
    p = Math.fma(p, square, ERF_4);
    p = Math.fma(p, square, ERF_3);
    p = Math.fma(p, square, ERF_2);
    p = Math.fma(p, square, ERF_1);
    p = Math.fma(p, square, ERF_0);
    return Math.fma(p, a, a);
  }

  private static float erfcLarge(float a) {
    float t = 1f / Math.fma(0.5f, a, 1f);
    float p = ERFC_7;
    p = Math.fma(p, t, ERFC_6);
    p = Math.fma(p, t, ERFC_5);
    p = Math.fma(p, t, ERFC_4);
    p = Math.fma(p, t, ERFC_3);
    p = Math.fma(p, t, ERFC_2);
    p = Math.fma(p, t, ERFC_1);
    p = Math.fma(p, t, ERFC_0);
    return t * p * exp(a * a * -1f);
  }

  private static float withSignOf(float magnitude, float x) {
    int sign = Float.floatToRawIntBits(x) & SIGN_BIT;
    return Float.intBitsToFloat(Float.floatToRawIntBits(magnitude) | sign);
  }
}
