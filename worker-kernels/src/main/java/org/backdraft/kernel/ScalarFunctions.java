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
import static org.backdraft.kernel.ElementaryConstants.LOG_1;
import static org.backdraft.kernel.ElementaryConstants.LOG_2;
import static org.backdraft.kernel.ElementaryConstants.LOG_3;
import static org.backdraft.kernel.ElementaryConstants.LOG_4;
import static org.backdraft.kernel.ElementaryConstants.MAGIC_254;
import static org.backdraft.kernel.ElementaryConstants.MANTISSA_BITS;
import static org.backdraft.kernel.ElementaryConstants.MANTISSA_MASK;
import static org.backdraft.kernel.ElementaryConstants.ROOT_HALF_BITS;
import static org.backdraft.kernel.ElementaryConstants.SIGN_BIT;
import static org.backdraft.kernel.ElementaryConstants.SUBNORMAL_EXPONENT;
import static org.backdraft.kernel.ElementaryConstants.SUBNORMAL_SCALE;
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

  /**
   * The natural logarithm, error below 1 ulp: {@code k · ln 2 + log m} with {@code x = 2^k · m} and
   * m between √½ and √2; log m as 2 artanh((m − 1) / (m + 1)). −∞ at 0, NaN below.
   */
  static float log(float x) {
    boolean isSmall = x < Float.MIN_NORMAL;
    float normal = isSmall ? x * SUBNORMAL_SCALE : x;
    int bits = Float.floatToRawIntBits(normal) - ROOT_HALF_BITS;
    float k = (bits >> MANTISSA_BITS) - (isSmall ? SUBNORMAL_EXPONENT : 0f);
    float f = Float.intBitsToFloat((bits & MANTISSA_MASK) + ROOT_HALF_BITS) - 1f;
    float s = f / (f + 2f);
    float square = s * s;
    float p = LOG_4;
    p = Math.fma(p, square, LOG_3);
    p = Math.fma(p, square, LOG_2);
    p = Math.fma(p, square, LOG_1);
    // 2s = f − s · f, and s · f = f²/2 − s · f²/2: the large parts are exact or added last.
    float half = f * f * 0.5f;
    float small = Math.fma(k, LN2_LOW, Math.fma(p, square, half) * s);
    float result = Math.fma(k, LN2_HIGH, small - half + f);
    result = x < Float.POSITIVE_INFINITY ? result : x;
    result = x == 0f ? Float.NEGATIVE_INFINITY : result;
    return x < 0f ? Float.NaN : result;
  }

  /** log(1 + x) for x ≥ 0, error below 2 ulp: what rounding 1 + x loses is added again. */
  static float log1p(float x) {
    float sum = x + 1f;
    return log(sum) + (x - (sum - 1f)) / sum;
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
