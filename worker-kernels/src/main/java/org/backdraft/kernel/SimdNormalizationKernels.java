package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.DOUBLES;
import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;
import static org.backdraft.kernel.SimdSpecies.wholeVectors;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The SIMD twin of {@link ScalarNormalizationKernels}, with vectors along channels; channels past
 * the last whole vector are left to the scalar twin.
 */
final class SimdNormalizationKernels implements NormalizationKernels {
  private final ScalarNormalizationKernels scalar = new ScalarNormalizationKernels();

  @Override
  public void statistics(
      float[] x,
      int xBase,
      int rows,
      int pitch,
      int channelBegin,
      int channelEnd,
      float[] mean,
      int meanBase,
      float[] variance,
      int varianceBase) {
    int whole = channelBegin + wholeVectors(channelEnd - channelBegin);
    for (int c = channelBegin; c < whole; c += WIDTH) {
      mean(x, xBase + c, rows, pitch, mean, meanBase + c);
      variance(x, xBase + c, rows, pitch, mean, meanBase + c, variance, varianceBase + c);
    }
    scalar.statistics(
        x, xBase, rows, pitch, whole, channelEnd, mean, meanBase, variance, varianceBase);
  }

  private static void mean(float[] x, int xBase, int rows, int pitch, float[] mean, int meanAt) {
    DoubleVector low = DoubleVector.zero(DOUBLES);
    DoubleVector high = DoubleVector.zero(DOUBLES);
    for (int begin = 0; begin < rows; begin += Kernels.BLOCK_ROWS) {
      int end = Math.min(rows, begin + Kernels.BLOCK_ROWS);
      FloatVector chain = FloatVector.zero(FLOATS);
      for (int m = begin; m < end; m++) {
        chain = chain.add(FloatVector.fromArray(FLOATS, x, xBase + m * pitch));
      }
      low = low.add(low(chain));
      high = high.add(high(chain));
    }
    join(low.div(rows), high.div(rows)).intoArray(mean, meanAt);
  }

  private static void variance(
      float[] x,
      int xBase,
      int rows,
      int pitch,
      float[] mean,
      int meanAt,
      float[] variance,
      int varianceAt) {
    FloatVector center = FloatVector.fromArray(FLOATS, mean, meanAt);
    DoubleVector low = DoubleVector.zero(DOUBLES);
    DoubleVector high = DoubleVector.zero(DOUBLES);
    for (int begin = 0; begin < rows; begin += Kernels.BLOCK_ROWS) {
      int end = Math.min(rows, begin + Kernels.BLOCK_ROWS);
      FloatVector chain = FloatVector.zero(FLOATS);
      for (int m = begin; m < end; m++) {
        FloatVector difference = FloatVector.fromArray(FLOATS, x, xBase + m * pitch).sub(center);
        chain = difference.fma(difference, chain);
      }
      low = low.add(low(chain));
      high = high.add(high(chain));
    }
    join(low.div(rows), high.div(rows)).intoArray(variance, varianceAt);
  }

  @Override
  public void normalize(
      float[] x,
      int xBase,
      int rows,
      int pitch,
      int channelBegin,
      int channelEnd,
      float[] mean,
      int meanBase,
      float[] variance,
      int varianceBase,
      float epsilon,
      float[] scale,
      int scaleBase,
      float[] shift,
      int shiftBase,
      float[] y,
      int yBase) {
    int whole = channelBegin + wholeVectors(channelEnd - channelBegin);
    for (int c = channelBegin; c < whole; c += WIDTH) {
      FloatVector center = FloatVector.fromArray(FLOATS, mean, meanBase + c);
      FloatVector inverse = inverse(variance, varianceBase + c, epsilon);
      FloatVector factor = FloatVector.fromArray(FLOATS, scale, scaleBase + c);
      FloatVector summand = FloatVector.fromArray(FLOATS, shift, shiftBase + c);
      for (int m = 0; m < rows; m++) {
        int at = m * pitch + c;
        FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + at).sub(center).mul(inverse);
        v.fma(factor, summand).intoArray(y, yBase + at);
      }
    }
    scalar.normalize(
        x,
        xBase,
        rows,
        pitch,
        whole,
        channelEnd,
        mean,
        meanBase,
        variance,
        varianceBase,
        epsilon,
        scale,
        scaleBase,
        shift,
        shiftBase,
        y,
        yBase);
  }

  @Override
  public void backwardSums(
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      int rows,
      int pitch,
      int channelBegin,
      int channelEnd,
      float[] mean,
      int meanBase,
      float[] variance,
      int varianceBase,
      float epsilon,
      float[] dScale,
      int dScaleBase,
      float[] dShift,
      int dShiftBase) {
    int whole = channelBegin + wholeVectors(channelEnd - channelBegin);
    for (int c = channelBegin; c < whole; c += WIDTH) {
      sum(dy, dyBase + c, rows, pitch, dShift, dShiftBase + c);
      FloatVector center = FloatVector.fromArray(FLOATS, mean, meanBase + c);
      FloatVector inverse = inverse(variance, varianceBase + c, epsilon);
      DoubleVector low = DoubleVector.zero(DOUBLES);
      DoubleVector high = DoubleVector.zero(DOUBLES);
      for (int begin = 0; begin < rows; begin += Kernels.BLOCK_ROWS) {
        int end = Math.min(rows, begin + Kernels.BLOCK_ROWS);
        FloatVector chain = FloatVector.zero(FLOATS);
        for (int m = begin; m < end; m++) {
          int at = m * pitch + c;
          FloatVector normalized =
              FloatVector.fromArray(FLOATS, x, xBase + at).sub(center).mul(inverse);
          chain = FloatVector.fromArray(FLOATS, dy, dyBase + at).fma(normalized, chain);
        }
        low = low.add(low(chain));
        high = high.add(high(chain));
      }
      join(low, high).intoArray(dScale, dScaleBase + c);
    }
    scalar.backwardSums(
        x,
        xBase,
        dy,
        dyBase,
        rows,
        pitch,
        whole,
        channelEnd,
        mean,
        meanBase,
        variance,
        varianceBase,
        epsilon,
        dScale,
        dScaleBase,
        dShift,
        dShiftBase);
  }

  private static void sum(float[] x, int xBase, int rows, int pitch, float[] sum, int sumAt) {
    DoubleVector low = DoubleVector.zero(DOUBLES);
    DoubleVector high = DoubleVector.zero(DOUBLES);
    for (int begin = 0; begin < rows; begin += Kernels.BLOCK_ROWS) {
      int end = Math.min(rows, begin + Kernels.BLOCK_ROWS);
      FloatVector chain = FloatVector.zero(FLOATS);
      for (int m = begin; m < end; m++) {
        chain = chain.add(FloatVector.fromArray(FLOATS, x, xBase + m * pitch));
      }
      low = low.add(low(chain));
      high = high.add(high(chain));
    }
    join(low, high).intoArray(sum, sumAt);
  }

  @Override
  public void backward(
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      int rows,
      int pitch,
      int channelBegin,
      int channelEnd,
      float[] mean,
      int meanBase,
      float[] variance,
      int varianceBase,
      float epsilon,
      float[] scale,
      int scaleBase,
      float[] dScale,
      int dScaleBase,
      float[] dShift,
      int dShiftBase,
      float[] dx,
      int dxBase) {
    int whole = channelBegin + wholeVectors(channelEnd - channelBegin);
    for (int c = channelBegin; c < whole; c += WIDTH) {
      FloatVector center = FloatVector.fromArray(FLOATS, mean, meanBase + c);
      FloatVector inverse = inverse(variance, varianceBase + c, epsilon);
      FloatVector factor = FloatVector.fromArray(FLOATS, scale, scaleBase + c).mul(inverse);
      FloatVector meanShift =
          FloatVector.fromArray(FLOATS, dShift, dShiftBase + c).div((float) rows);
      FloatVector meanScale =
          FloatVector.fromArray(FLOATS, dScale, dScaleBase + c).div((float) rows);
      for (int m = 0; m < rows; m++) {
        int at = m * pitch + c;
        FloatVector minusNormalized =
            FloatVector.fromArray(FLOATS, x, xBase + at).sub(center).mul(inverse).mul(-1f);
        FloatVector centered = FloatVector.fromArray(FLOATS, dy, dyBase + at).sub(meanShift);
        factor.mul(minusNormalized.fma(meanScale, centered)).intoArray(dx, dxBase + at);
      }
    }
    scalar.backward(
        x,
        xBase,
        dy,
        dyBase,
        rows,
        pitch,
        whole,
        channelEnd,
        mean,
        meanBase,
        variance,
        varianceBase,
        epsilon,
        scale,
        scaleBase,
        dScale,
        dScaleBase,
        dShift,
        dShiftBase,
        dx,
        dxBase);
  }

  private static FloatVector inverse(float[] variance, int at, float epsilon) {
    FloatVector v = FloatVector.fromArray(FLOATS, variance, at);
    DoubleVector one = DoubleVector.broadcast(DOUBLES, 1);
    return join(one.div(low(v).add(epsilon).sqrt()), one.div(high(v).add(epsilon).sqrt()));
  }

  /** The first half of the lanes, in double. */
  private static DoubleVector low(FloatVector v) {
    return (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  /** The second half of the lanes, in double. */
  private static DoubleVector high(FloatVector v) {
    return (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 1);
  }

  /** Both halves, rounded to float. */
  private static FloatVector join(DoubleVector low, DoubleVector high) {
    FloatVector first = (FloatVector) low.convertShape(VectorOperators.D2F, FLOATS, 0);
    FloatVector second = (FloatVector) high.convertShape(VectorOperators.D2F, FLOATS, -1);
    // Each has +0 in the other's lanes.
    return first.reinterpretAsInts().or(second.reinterpretAsInts()).reinterpretAsFloats();
  }
}
