package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.backdraft.tensor.ActivationLayout;

/**
 * The SIMD twin of {@link ScalarLocalResponseKernels}, pixel by pixel in short passes over scratch:
 * powers from 0, denominators behind them, and behind those the summands of the sliding window,
 * with zeros on both sides where the window leaves the channels.
 */
final class SimdLocalResponseKernels implements LocalResponseKernels {
  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();

  @Override
  public void apply(
      LocalResponse settings,
      int pixels,
      int channels,
      int pitch,
      float[] x,
      int xBase,
      float[] y,
      int yBase) {
    int lanes = ActivationLayout.roundUpToLanes(channels);
    float[] between = scratch.get().floats(3 * lanes + settings.size());
    for (int pixel = 0; pixel < pixels; pixel++) {
      int at = pixel * pitch;
      powers(settings, channels, lanes, x, xBase + at, between);
      for (int c = 0; c < lanes; c += WIDTH) {
        FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + at + c);
        v.mul(FloatVector.fromArray(FLOATS, between, c)).intoArray(y, yBase + at + c);
      }
    }
  }

  /** Powers and denominators of one pixel. */
  private static void powers(
      LocalResponse settings, int channels, int lanes, float[] x, int xAt, float[] between) {
    squares(x, xAt, between, 2 * lanes + settings.before(), lanes);
    clearBorders(between, 2 * lanes, settings.before(), channels, lanes + settings.size());
    for (int c = 0; c < lanes; c += WIDTH) {
      windowSum(between, 2 * lanes + c, settings.size(), lanes + c);
    }
    denominators(settings, between, lanes);
    SimdFunctions.log(between, 0, lanes);
    for (int c = 0; c < lanes; c += WIDTH) {
      FloatVector.fromArray(FLOATS, between, c).mul(-settings.beta()).intoArray(between, c);
    }
    SimdFunctions.exp(between, lanes);
  }

  private static void squares(float[] x, int xAt, float[] to, int toAt, int lanes) {
    for (int c = 0; c < lanes; c += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + c);
      v.mul(v).intoArray(to, toAt + c);
    }
  }

  /** Zeros before and behind the channels of {@code length} floats from {@code at} on. */
  private static void clearBorders(float[] between, int at, int before, int channels, int length) {
    Arrays.fill(between, at, at + before, 0f);
    Arrays.fill(between, at + before + channels, at + length, 0f);
  }

  private static void windowSum(float[] between, int at, int size, int to) {
    FloatVector chain = FloatVector.zero(FLOATS);
    for (int j = 0; j < size; j++) {
      chain = chain.add(FloatVector.fromArray(FLOATS, between, at + j));
    }
    chain.intoArray(between, to);
  }

  /** From the sums, in their place and once more where their logarithms will be taken. */
  private static void denominators(LocalResponse settings, float[] between, int lanes) {
    FloatVector share = FloatVector.broadcast(FLOATS, settings.share());
    FloatVector k = FloatVector.broadcast(FLOATS, settings.k());
    for (int c = 0; c < lanes; c += WIDTH) {
      FloatVector denominator = FloatVector.fromArray(FLOATS, between, lanes + c).fma(share, k);
      denominator.intoArray(between, lanes + c);
      denominator.intoArray(between, c);
    }
  }

  @Override
  public void applyBackward(
      LocalResponse settings,
      int pixels,
      int channels,
      int pitch,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase) {
    int lanes = ActivationLayout.roundUpToLanes(channels);
    float[] between = scratch.get().floats(3 * lanes + settings.size());
    int summands = 2 * lanes;
    for (int pixel = 0; pixel < pixels; pixel++) {
      int xAt = xBase + pixel * pitch;
      int dyAt = dyBase + pixel * pitch;
      powers(settings, channels, lanes, x, xAt, between);
      summands(x, xAt, dy, dyAt, between, lanes, summands + settings.after());
      clearBorders(between, summands, settings.after(), channels, lanes + settings.size());
      for (int c = 0; c < lanes; c += WIDTH) {
        windowSum(between, summands + c, settings.size(), lanes + c);
      }
      results(settings, x, xAt, dy, dyAt, between, dx, dxBase + pixel * pitch, lanes);
    }
  }

  private static void summands(
      float[] x, int xAt, float[] dy, int dyAt, float[] between, int lanes, int to) {
    for (int c = 0; c < lanes; c += WIDTH) {
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyAt + c);
      FloatVector product = d.mul(FloatVector.fromArray(FLOATS, x, xAt + c));
      product = product.mul(FloatVector.fromArray(FLOATS, between, c));
      product.div(FloatVector.fromArray(FLOATS, between, lanes + c)).intoArray(between, to + c);
    }
  }

  /** Where the denominators were, the sums over windows lie now. */
  private static void results(
      LocalResponse settings,
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      float[] between,
      float[] dx,
      int dxAt,
      int lanes) {
    FloatVector factor = FloatVector.broadcast(FLOATS, -settings.steepness());
    for (int c = 0; c < lanes; c += WIDTH) {
      FloatVector power = FloatVector.fromArray(FLOATS, between, c);
      FloatVector direct = FloatVector.fromArray(FLOATS, dy, dyAt + c).mul(power);
      FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + c);
      v = v.mul(FloatVector.fromArray(FLOATS, between, lanes + c));
      v.fma(factor, direct).intoArray(dx, dxAt + c);
    }
  }
}
