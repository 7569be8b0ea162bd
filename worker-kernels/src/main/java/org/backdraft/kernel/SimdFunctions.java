package org.backdraft.kernel;

import static org.backdraft.kernel.ElementaryConstants.ALL_BUT_SIGN;
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
import static org.backdraft.kernel.SimdSpecies.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link ScalarFunctions} lane by lane: the same operations in the same order, so the same bits.
 */
final class SimdFunctions {
  private SimdFunctions() {}

  /** Lane by lane {@link ScalarFunctions#exp}. */
  static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.blend(EXP_MAX, x.compare(VectorOperators.GT, EXP_MAX));
    clamped = clamped.blend(EXP_MIN, clamped.compare(VectorOperators.LT, EXP_MIN));
    FloatVector shifted = clamped.fma(constant(LOG2_E), constant(MAGIC));
    FloatVector n = shifted.sub(MAGIC);
    FloatVector r = n.fma(constant(-LN2_HIGH), clamped);
    r = n.fma(constant(-LN2_LOW), r);
    FloatVector p = constant(EXP_4);
    p = p.fma(r, constant(EXP_3));
    p = p.fma(r, constant(EXP_2));
    p = p.fma(r, constant(EXP_1));
    p = p.fma(r, constant(EXP_0));
    p = p.fma(r.mul(r), r).add(1f);
    IntVector exponent = shifted.reinterpretAsInts().sub(MAGIC_BITS);
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    FloatVector first = powerOfTwo(half);
    FloatVector second = powerOfTwo(exponent.sub(half));
    FloatVector y = p.mul(first).mul(second);
    return y.blend(x, x.compare(VectorOperators.NE, x));
  }

  /** Lane by lane {@link ScalarFunctions#tanh}. */
  static FloatVector tanh(FloatVector x) {
    FloatVector a = abs(x);
    FloatVector square = a.mul(a);
    FloatVector p = constant(TANH_4);
    p = p.fma(square, constant(TANH_3));
    p = p.fma(square, constant(TANH_2));
    p = p.fma(square, constant(TANH_1));
    p = p.fma(square, constant(TANH_0));
    FloatVector small = p.mul(square).fma(a, a);
    FloatVector quotient = constant(2f).div(exp(a.add(a)).add(1f));
    FloatVector large = constant(1f).sub(quotient);
    return withSignOf(large.blend(small, a.compare(VectorOperators.LT, TANH_BORDER)), x);
  }

  /** Lane by lane {@link ScalarFunctions#normalCumulative}. */
  static FloatVector normalCumulative(FloatVector x) {
    FloatVector z = x.mul(INVERSE_ROOT_2);
    FloatVector a = abs(z);
    FloatVector half = constant(0.5f);
    FloatVector middle = half.fma(withSignOf(erfSmall(a), z), half);
    FloatVector lower = half.mul(erfcLarge(a));
    FloatVector tail = constant(1f).sub(lower).blend(lower, z.compare(VectorOperators.LT, 0f));
    return tail.blend(middle, a.compare(VectorOperators.LT, ERF_BORDER));
  }

  /** Lane by lane {@link ScalarFunctions#normalDensity}. */
  static FloatVector normalDensity(FloatVector x) {
    return exp(x.mul(x).mul(-0.5f)).mul(INVERSE_ROOT_2_PI);
  }

  private static FloatVector erfSmall(FloatVector a) {
    FloatVector square = a.mul(a);
    FloatVector p = constant(ERF_6);
    p = p.fma(square, constant(ERF_5));
    p = p.fma(square, constant(ERF_4));
    p = p.fma(square, constant(ERF_3));
    p = p.fma(square, constant(ERF_2));
    p = p.fma(square, constant(ERF_1));
    p = p.fma(square, constant(ERF_0));
    return p.fma(a, a);
  }

  private static FloatVector erfcLarge(FloatVector a) {
    FloatVector one = constant(1f);
    FloatVector t = one.div(a.fma(constant(0.5f), one));
    FloatVector p = constant(ERFC_7);
    p = p.fma(t, constant(ERFC_6));
    p = p.fma(t, constant(ERFC_5));
    p = p.fma(t, constant(ERFC_4));
    p = p.fma(t, constant(ERFC_3));
    p = p.fma(t, constant(ERFC_2));
    p = p.fma(t, constant(ERFC_1));
    p = p.fma(t, constant(ERFC_0));
    return t.mul(p).mul(exp(a.mul(a).mul(-1f)));
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }

  private static FloatVector powerOfTwo(IntVector exponent) {
    return exponent
        .add(EXPONENT_BIAS)
        .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
        .reinterpretAsFloats();
  }

  private static FloatVector abs(FloatVector x) {
    return x.reinterpretAsInts().and(ALL_BUT_SIGN).reinterpretAsFloats();
  }

  private static FloatVector withSignOf(FloatVector magnitude, FloatVector x) {
    IntVector sign = x.reinterpretAsInts().and(SIGN_BIT);
    return magnitude.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }
}
