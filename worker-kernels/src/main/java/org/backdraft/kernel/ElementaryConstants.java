package org.backdraft.kernel;

/**
 * The numbers of the elementary functions, shared by {@link ScalarFunctions} and its SIMD twin.
 *
 * <p>The polynomials are minimax fits made for Backdraft (iteratively reweighted least squares on
 * Chebyshev nodes, coefficients rounded to float from the highest down); index = power.
 */
final class ElementaryConstants {
  static final float LOG2_E = 1.44269504f;

  /** ln 2 in two parts; the first has 9 bits, so that x − n · LN2_HIGH is exact. */
  static final float LN2_HIGH = 0.693359375f;

  static final float LN2_LOW = -2.12194440e-4f;

  /** Adding 1.5 · 2^23 leaves a sum's nearest integer (ties to even) in the low bits. */
  static final float MAGIC = 12582912f;

  /** {@link #MAGIC} + 254: the low bits are the nearest integer + twice the exponent's bias. */
  static final float MAGIC_254 = 12583166f;

  /** Beyond these, e^x is +∞ or +0 in float. */
  static final float EXP_MAX = 89f;

  static final float EXP_MIN = -105f;

  static final int MANTISSA_BITS = 23;
  static final int SIGN_BIT = 0x80000000;
  static final int ALL_BUT_SIGN = 0x7FFFFFFF;

  /** (e^r − 1 − r) / r² for |r| ≤ ln 2 / 2. */
  static final float EXP_0 = 4.9999994e-01f;

  static final float EXP_1 = 1.666652e-01f;
  static final float EXP_2 = 4.1668393e-02f;
  static final float EXP_3 = 8.368781e-03f;
  static final float EXP_4 = 1.3814465e-03f;

  /** (tanh x / x − 1) / x² in powers of x² for |x| < TANH_BORDER. */
  static final float TANH_BORDER = 0.625f;

  static final float TANH_0 = -3.3333284e-01f;
  static final float TANH_1 = 1.3331491e-01f;
  static final float TANH_2 = -5.3743497e-02f;
  static final float TANH_3 = 2.0650579e-02f;
  static final float TANH_4 = -5.7170363e-03f;

  /** Φ(−x) · e^(x²/2) / t in powers of t = 1 / (1 + TAIL_SLOPE · x) for x ≥ 0. */
  static final float TAIL_SLOPE = 0.3f;

  static final float TAIL_0 = 1.1996479e-01f;
  static final float TAIL_1 = 1.1654843e-01f;
  static final float TAIL_2 = 1.20871715e-01f;
  static final float TAIL_3 = 7.354598e-02f;
  static final float TAIL_4 = 2.9465051e-02f;
  static final float TAIL_5 = 1.3346149e-01f;
  static final float TAIL_6 = -1.2271278e-01f;
  static final float TAIL_7 = 2.8855333e-02f;

  /**
   * log m = 2 artanh s with s = (m − 1) / (m + 1) is 2s + s · (LOG_1 s² + LOG_2 s⁴ + …): the series
   * itself, since s² stays below 0.03.
   */
  static final float LOG_1 = 2 / 3f;

  static final float LOG_2 = 2 / 5f;
  static final float LOG_3 = 2 / 7f;
  static final float LOG_4 = 2 / 9f;

  /** The bits of √½: mantissas are taken between it and √2. */
  static final int ROOT_HALF_BITS = 0x3F3504F3;

  static final int MANTISSA_MASK = 0x007FFFFF;

  /** 2^23, which makes every subnormal number normal, and its exponent. */
  static final float SUBNORMAL_SCALE = 8388608f;

  static final float SUBNORMAL_EXPONENT = 23f;

  /**
   * The tanh form of GELU is x / (1 + e^(x · (GELU_1 + GELU_3 x²))): −2 √(2/π) and 0.044715 of it.
   */
  static final float GELU_1 = -1.5957691f;

  static final float GELU_3 = -0.071354814f;

  /** Beyond this log(1 + e^z) is z in float. */
  static final float SOFTPLUS_MOST = 80f;

  /** 1 / √(2π). */
  static final float INVERSE_ROOT_2_PI = 0.39894228f;

  private ElementaryConstants() {}
}
