package org.backdraft.kernel;

import static org.backdraft.kernel.ElementaryConstants.ALL_BUT_SIGN;
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
import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link ScalarFunctions} lane by lane: the same operations in the same order, so the same bits.
 *
 * <p>Functions with an exponential in them come in two parts, its argument and what is made of the
 * result, with {@link #exp} over an array between them: each part is small enough that C2 inlines
 * all of it (see {@link VectorScratch}).
 */
final class SimdFunctions {
  private SimdFunctions() {}

  /**
   * {@code x[i] = exp(x[i])} for i in {@code [0, length)} and on to the end of a vector, lane by
   * lane {@link ScalarFunctions#exp}.
   *
   * <p>Written out without helpers and with {@code lanewise} for two reasons: at more than 325
   * bytecodes C2 compiles the method alone and does not inline it into callers whose budget it
   * would use up, and with fewer calls to inline it stays far below that budget itself.
   *
   * @param x as many whole panels as hold {@code length}, at least
   */
  static void exp(float[] x, int length) {
    FloatVector most = FloatVector.broadcast(FLOATS, EXP_MAX);
    FloatVector least = FloatVector.broadcast(FLOATS, EXP_MIN);
    FloatVector log2E = FloatVector.broadcast(FLOATS, LOG2_E);
    FloatVector magic = FloatVector.broadcast(FLOATS, MAGIC_254);
    FloatVector minusHigh = FloatVector.broadcast(FLOATS, -LN2_HIGH);
    FloatVector minusLow = FloatVector.broadcast(FLOATS, -LN2_LOW);
    FloatVector p0 = FloatVector.broadcast(FLOATS, EXP_0);
    FloatVector p1 = FloatVector.broadcast(FLOATS, EXP_1);
    FloatVector p2 = FloatVector.broadcast(FLOATS, EXP_2);
    FloatVector p3 = FloatVector.broadcast(FLOATS, EXP_3);
    FloatVector p4 = FloatVector.broadcast(FLOATS, EXP_4);
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector clamped = FloatVector.fromArray(FLOATS, x, i);
      clamped = clamped.lanewise(VectorOperators.MIN, most).lanewise(VectorOperators.MAX, least);
      FloatVector shifted = clamped.lanewise(VectorOperators.FMA, log2E, magic);
      FloatVector n = shifted.lanewise(VectorOperators.SUB, magic);
      FloatVector r = n.lanewise(VectorOperators.FMA, minusHigh, clamped);
      r = n.lanewise(VectorOperators.FMA, minusLow, r);
      FloatVector p = p4.lanewise(VectorOperators.FMA, r, p3);
      p = p.lanewise(VectorOperators.FMA, r, p2);
      p = p.lanewise(VectorOperators.FMA, r, p1);
      p = p.lanewise(VectorOperators.FMA, r, p0);
      p = p.lanewise(VectorOperators.FMA, r.lanewise(VectorOperators.MUL, r), r);
      p = p.lanewise(VectorOperators.ADD, one);
      IntVector bits = shifted.reinterpretAsInts();
      IntVector half = bits.lanewise(VectorOperators.ASHR, 1);
      IntVector rest = bits.lanewise(VectorOperators.SUB, half);
      IntVector first = half.lanewise(VectorOperators.LSHL, MANTISSA_BITS);
      IntVector second = rest.lanewise(VectorOperators.LSHL, MANTISSA_BITS);
      p = p.lanewise(VectorOperators.MUL, first.reinterpretAsFloats());
      p = p.lanewise(VectorOperators.MUL, second.reinterpretAsFloats());
      p.intoArray(x, i);
    }
  }

  /**
   * {@code x[i] = log(x[i])} for i in {@code [begin, begin + length)} and on to the end of a
   * vector, lane by lane {@link ScalarFunctions#log}; written out like {@link #exp}.
   */
  static void log(float[] x, int begin, int length) {
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    FloatVector two = FloatVector.broadcast(FLOATS, 2f);
    FloatVector oneHalf = FloatVector.broadcast(FLOATS, 0.5f);
    FloatVector high = FloatVector.broadcast(FLOATS, LN2_HIGH);
    FloatVector low = FloatVector.broadcast(FLOATS, LN2_LOW);
    for (int i = begin; i < begin + length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      VectorMask<Float> isSmall = v.compare(VectorOperators.LT, Float.MIN_NORMAL);
      FloatVector normal = v.blend(v.lanewise(VectorOperators.MUL, SUBNORMAL_SCALE), isSmall);
      IntVector bits = normal.reinterpretAsInts().lanewise(VectorOperators.SUB, ROOT_HALF_BITS);
      IntVector exponent = bits.lanewise(VectorOperators.ASHR, MANTISSA_BITS);
      FloatVector k = (FloatVector) exponent.convertShape(VectorOperators.I2F, FLOATS, 0);
      k = k.lanewise(VectorOperators.SUB, zero.blend(SUBNORMAL_EXPONENT, isSmall));
      IntVector mantissa = bits.lanewise(VectorOperators.AND, MANTISSA_MASK);
      mantissa = mantissa.lanewise(VectorOperators.ADD, ROOT_HALF_BITS);
      FloatVector f = mantissa.reinterpretAsFloats().lanewise(VectorOperators.SUB, one);
      FloatVector s = f.lanewise(VectorOperators.DIV, f.lanewise(VectorOperators.ADD, two));
      FloatVector square = s.lanewise(VectorOperators.MUL, s);
      FloatVector p = FloatVector.broadcast(FLOATS, LOG_4);
      p = p.lanewise(VectorOperators.FMA, square, FloatVector.broadcast(FLOATS, LOG_3));
      p = p.lanewise(VectorOperators.FMA, square, FloatVector.broadcast(FLOATS, LOG_2));
      p = p.lanewise(VectorOperators.FMA, square, FloatVector.broadcast(FLOATS, LOG_1));
      FloatVector half = f.lanewise(VectorOperators.MUL, f);
      half = half.lanewise(VectorOperators.MUL, oneHalf);
      p = p.lanewise(VectorOperators.FMA, square, half).lanewise(VectorOperators.MUL, s);
      p = k.lanewise(VectorOperators.FMA, low, p).lanewise(VectorOperators.SUB, half);
      p = k.lanewise(VectorOperators.FMA, high, p.lanewise(VectorOperators.ADD, f));
      p = v.blend(p, v.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
      p = p.blend(Float.NEGATIVE_INFINITY, v.compare(VectorOperators.EQ, 0f));
      p.blend(Float.NaN, v.compare(VectorOperators.LT, 0f)).intoArray(x, i);
    }
  }

  /** tanh x from {@code exponential = e^(2|x|)}; lane by lane {@link ScalarFunctions#tanh}. */
  static FloatVector tanh(FloatVector x, FloatVector exponential) {
    FloatVector a = abs(x);
    FloatVector square = a.mul(a);
    FloatVector p = constant(TANH_4);
    p = p.fma(square, constant(TANH_3));
    p = p.fma(square, constant(TANH_2));
    p = p.fma(square, constant(TANH_1));
    p = p.fma(square, constant(TANH_0));
    FloatVector small = p.mul(square).fma(a, a);
    FloatVector one = constant(1f);
    FloatVector large = one.sub(constant(2f).div(exponential.add(one)));
    FloatVector chosen = large.blend(small, a.compare(VectorOperators.LT, TANH_BORDER));
    IntVector sign = x.reinterpretAsInts().and(SIGN_BIT);
    return chosen.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  /** Lane by lane {@link ScalarFunctions#normalCumulative}. */
  static FloatVector normalCumulative(FloatVector x, FloatVector gauss) {
    FloatVector one = constant(1f);
    FloatVector t = one.div(abs(x).fma(constant(TAIL_SLOPE), one));
    FloatVector p = constant(TAIL_7);
    p = p.fma(t, constant(TAIL_6));
    p = p.fma(t, constant(TAIL_5));
    p = p.fma(t, constant(TAIL_4));
    p = p.fma(t, constant(TAIL_3));
    p = p.fma(t, constant(TAIL_2));
    p = p.fma(t, constant(TAIL_1));
    p = p.fma(t, constant(TAIL_0));
    FloatVector lower = p.mul(t).mul(gauss);
    return one.sub(lower).blend(lower, x.compare(VectorOperators.LT, 0f));
  }

  static FloatVector abs(FloatVector x) {
    return x.reinterpretAsInts().and(ALL_BUT_SIGN).reinterpretAsFloats();
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}
