package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;
import static org.backdraft.kernel.SimdSpecies.wholeVectors;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The SIMD twin of {@link ScalarNormalizationKernels}, with vectors along channels; channels past
 * the last whole vector are left to the scalar twin. The work in double, once per block of rows or
 * less, is plain code over scratch.
 */
final class SimdNormalizationKernels implements NormalizationKernels {
  private final ScalarNormalizationKernels scalar = new ScalarNormalizationKernels();
  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();

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
    int channels = wholeVectors(channelEnd - channelBegin);
    int xAt = xBase + channelBegin;
    int meanAt = meanBase + channelBegin;
    int varianceAt = varianceBase + channelBegin;
    float[] chains = scratch.get().floats(channels);
    double[] sums = scratch.get().doubles(channels);
    Arrays.fill(sums, 0, channels, 0);
    for (int begin = 0; begin < rows; begin += Kernels.BLOCK_ROWS) {
      int count = Math.min(rows - begin, Kernels.BLOCK_ROWS);
      for (int c = 0; c < channels; c += WIDTH) {
        chain(x, xAt + begin * pitch + c, count, pitch, chains, c);
      }
      accumulate(sums, chains, channels);
    }
    divide(sums, rows, channels, mean, meanAt);
    Arrays.fill(sums, 0, channels, 0);
    for (int begin = 0; begin < rows; begin += Kernels.BLOCK_ROWS) {
      int count = Math.min(rows - begin, Kernels.BLOCK_ROWS);
      for (int c = 0; c < channels; c += WIDTH) {
        chainOfSquares(x, xAt + begin * pitch + c, count, pitch, mean, meanAt + c, chains, c);
      }
      accumulate(sums, chains, channels);
    }
    divide(sums, rows, channels, variance, varianceAt);
    scalar.statistics(
        x,
        xBase,
        rows,
        pitch,
        channelBegin + channels,
        channelEnd,
        mean,
        meanBase,
        variance,
        varianceBase);
  }

  private static void chain(float[] x, int xAt, int rows, int pitch, float[] chains, int c) {
    FloatVector chain = FloatVector.zero(FLOATS);
    for (int m = 0; m < rows; m++) {
      chain = chain.add(FloatVector.fromArray(FLOATS, x, xAt + m * pitch));
    }
    chain.intoArray(chains, c);
  }

  private static void chainOfSquares(
      float[] x, int xAt, int rows, int pitch, float[] mean, int meanAt, float[] chains, int c) {
    FloatVector center = FloatVector.fromArray(FLOATS, mean, meanAt);
    FloatVector chain = FloatVector.zero(FLOATS);
    for (int m = 0; m < rows; m++) {
      FloatVector difference = FloatVector.fromArray(FLOATS, x, xAt + m * pitch).sub(center);
      chain = difference.fma(difference, chain);
    }
    chain.intoArray(chains, c);
  }

  private static void accumulate(double[] sums, float[] chains, int channels) {
    for (int c = 0; c < channels; c++) {
      sums[c] += chains[c];
    }
  }

  private static void divide(double[] sums, int rows, int channels, float[] to, int toAt) {
    for (int c = 0; c < channels; c++) {
      to[toAt + c] = (float) (sums[c] / rows);
    }
  }

  /** {@code 1 / √(variance + ε)} of each channel, in double, rounded once. */
  private static void inverses(
      float[] variance, int varianceAt, float epsilon, float[] inverses, int channels) {
    for (int c = 0; c < channels; c++) {
      inverses[c] = ScalarNormalizationKernels.inverse(variance[varianceAt + c], epsilon);
    }
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
    int channels = wholeVectors(channelEnd - channelBegin);
    float[] inverses = scratch.get().floats(channels);
    inverses(variance, varianceBase + channelBegin, epsilon, inverses, channels);
    for (int c = 0; c < channels; c += WIDTH) {
      int channel = channelBegin + c;
      FloatVector center = FloatVector.fromArray(FLOATS, mean, meanBase + channel);
      FloatVector inverse = FloatVector.fromArray(FLOATS, inverses, c);
      FloatVector factor = FloatVector.fromArray(FLOATS, scale, scaleBase + channel);
      FloatVector summand = FloatVector.fromArray(FLOATS, shift, shiftBase + channel);
      for (int m = 0; m < rows; m++) {
        int at = m * pitch + channel;
        FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + at).sub(center).mul(inverse);
        v.fma(factor, summand).intoArray(y, yBase + at);
      }
    }
    scalar.normalize(
        x,
        xBase,
        rows,
        pitch,
        channelBegin + channels,
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
    int channels = wholeVectors(channelEnd - channelBegin);
    float[] chains = scratch.get().floats(channels);
    double[] sums = scratch.get().doubles(channels);
    Arrays.fill(sums, 0, channels, 0);
    for (int begin = 0; begin < rows; begin += Kernels.BLOCK_ROWS) {
      int count = Math.min(rows - begin, Kernels.BLOCK_ROWS);
      int row = begin * pitch + channelBegin;
      for (int c = 0; c < channels; c += WIDTH) {
        chain(dy, dyBase + row + c, count, pitch, chains, c);
      }
      accumulate(sums, chains, channels);
    }
    divide(sums, 1, channels, dShift, dShiftBase + channelBegin);
    Arrays.fill(sums, 0, channels, 0);
    for (int begin = 0; begin < rows; begin += Kernels.BLOCK_ROWS) {
      int count = Math.min(rows - begin, Kernels.BLOCK_ROWS);
      int row = begin * pitch + channelBegin;
      // Where a chain will be written, the kernel first finds the channel's inverse.
      inverses(variance, varianceBase + channelBegin, epsilon, chains, channels);
      for (int c = 0; c < channels; c += WIDTH) {
        chainOfProducts(
            x,
            xBase + row + c,
            dy,
            dyBase + row + c,
            count,
            pitch,
            mean,
            meanBase + channelBegin + c,
            chains,
            c);
      }
      accumulate(sums, chains, channels);
    }
    divide(sums, 1, channels, dScale, dScaleBase + channelBegin);
    scalar.backwardSums(
        x,
        xBase,
        dy,
        dyBase,
        rows,
        pitch,
        channelBegin + channels,
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

  /** On entry {@code chains} holds the inverse deviations. */
  private static void chainOfProducts(
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      int rows,
      int pitch,
      float[] mean,
      int meanAt,
      float[] chains,
      int c) {
    FloatVector center = FloatVector.fromArray(FLOATS, mean, meanAt);
    FloatVector inverse = FloatVector.fromArray(FLOATS, chains, c);
    FloatVector chain = FloatVector.zero(FLOATS);
    for (int m = 0; m < rows; m++) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + m * pitch);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyAt + m * pitch);
      chain = d.fma(v.sub(center).mul(inverse), chain);
    }
    chain.intoArray(chains, c);
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
    int channels = wholeVectors(channelEnd - channelBegin);
    float[] inverses = scratch.get().floats(channels);
    inverses(variance, varianceBase + channelBegin, epsilon, inverses, channels);
    for (int c = 0; c < channels; c += WIDTH) {
      int channel = channelBegin + c;
      FloatVector center = FloatVector.fromArray(FLOATS, mean, meanBase + channel);
      FloatVector inverse = FloatVector.fromArray(FLOATS, inverses, c);
      FloatVector factor = FloatVector.fromArray(FLOATS, scale, scaleBase + channel).mul(inverse);
      FloatVector meanShift =
          FloatVector.fromArray(FLOATS, dShift, dShiftBase + channel).div((float) rows);
      FloatVector meanScale =
          FloatVector.fromArray(FLOATS, dScale, dScaleBase + channel).div((float) rows);
      for (int m = 0; m < rows; m++) {
        int at = m * pitch + channel;
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
        channelBegin + channels,
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
}
