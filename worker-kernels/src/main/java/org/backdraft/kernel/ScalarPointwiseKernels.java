package org.backdraft.kernel;

import org.backdraft.random.CounterRandom;

/** The readable truth of {@link PointwiseKernels}. */
final class ScalarPointwiseKernels implements PointwiseKernels {
  private static final float INVERSE_ROOT_2 = 0.70710678f;
  private static final float INVERSE_ROOT_2_PI = 0.39894228f;

  @Override
  public void apply(
      PointwiseFunction function,
      float slope,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      int length) {
    for (int i = 0; i < length; i++) {
      float v = x[xBase + i];
      y[yBase + i] =
          switch (function) {
            case RELU -> v < 0 ? 0 : v;
            case LOGISTIC -> 1f / (1f + ScalarFunctions.exp(-slope * v));
            case TANH -> ScalarFunctions.tanh(v);
            case GELU -> v * (0.5f + 0.5f * ScalarFunctions.erf(v * INVERSE_ROOT_2));
            case STEP -> v >= 0 ? 1 : 0;
          };
    }
  }

  @Override
  public void applyBackward(
      PointwiseFunction function,
      float slope,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length) {
    for (int i = 0; i < length; i++) {
      float d = dy[dyBase + i];
      float out = y[yBase + i];
      dx[dxBase + i] =
          switch (function) {
            case RELU -> out > 0 ? d : 0;
            case LOGISTIC -> slope * out * (1f - out) * d;
            case TANH -> Math.fma(-out, out, 1f) * d;
            case GELU -> {
              float v = x[xBase + i];
              float density = INVERSE_ROOT_2_PI * ScalarFunctions.exp(-0.5f * v * v);
              float cumulative = 0.5f + 0.5f * ScalarFunctions.erf(v * INVERSE_ROOT_2);
              yield Math.fma(v, density, cumulative) * d;
            }
            case STEP -> 0;
          };
    }
  }

  @Override
  public void add(float[] a, int aBase, float[] b, int bBase, float[] y, int yBase, int length) {
    for (int i = 0; i < length; i++) {
      y[yBase + i] = a[aBase + i] + b[bBase + i];
    }
  }

  @Override
  public void dropout(
      float rate,
      long key,
      long stream,
      long first,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      int length) {
    float scale = 1f / (1f - rate);
    for (int i = 0; i < length; i++) {
      boolean kept = CounterRandom.uniform(key, stream, first + i) >= rate;
      y[yBase + i] = kept ? x[xBase + i] * scale : 0;
    }
  }

  @Override
  public void decode(
      byte[] bytes, int bytesBase, float scale, float shift, float[] y, int yBase, int length) {
    for (int i = 0; i < length; i++) {
      y[yBase + i] = Math.fma((float) (bytes[bytesBase + i] & 0xff), scale, shift);
    }
  }
}
