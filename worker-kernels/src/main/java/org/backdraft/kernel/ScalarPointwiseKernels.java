package org.backdraft.kernel;

import static org.backdraft.kernel.PointwiseFunction.RELU6_MOST;

import org.backdraft.random.CounterRandom;

/** The readable truth of {@link PointwiseKernels}. */
final class ScalarPointwiseKernels implements PointwiseKernels {

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
            case GELU -> v * ScalarFunctions.normalCumulative(v, ScalarFunctions.gauss(v));
            case STEP -> v >= 0 ? 1 : 0;
            case LEAKY_RELU -> v < 0 ? slope * v : v;
            case GELU_TANH -> v * (1f / (geluExponential(v) + 1f));
            case RELU6 -> v < 0 ? 0 : v > RELU6_MOST ? RELU6_MOST : v;
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
      dx[dxBase + i] =
          switch (function) {
            case RELU -> y[yBase + i] > 0 ? d : 0;
            case LOGISTIC -> {
              float out = y[yBase + i];
              yield slope * (out * (1f - out)) * d;
            }
            case TANH -> {
              float out = y[yBase + i];
              yield Math.fma(-out, out, 1f) * d;
            }
            case GELU -> {
              float v = x[xBase + i];
              float gauss = ScalarFunctions.gauss(v);
              float cumulative = ScalarFunctions.normalCumulative(v, gauss);
              yield Math.fma(v * ElementaryConstants.INVERSE_ROOT_2_PI, gauss, cumulative) * d;
            }
            case STEP -> 0;
            case LEAKY_RELU -> x[xBase + i] > 0 ? d : slope * d;
            case GELU_TANH -> {
              float v = x[xBase + i];
              float exponential = geluExponential(v);
              float share = 1f / (exponential + 1f);
              // Of the two forms of 1 − share the one without cancellation or overflow.
              float rest = v > 0 ? exponential * share : 1f - share;
              float steepness =
                  Math.fma(v * v, -3 * ElementaryConstants.GELU_3, -ElementaryConstants.GELU_1);
              yield Math.fma(v * share * rest, steepness, share) * d;
            }
            case RELU6 -> y[yBase + i] > 0 && y[yBase + i] < RELU6_MOST ? d : 0;
          };
    }
  }

  /** e^(−2u), the tanh of u being that of {@link PointwiseFunction#GELU_TANH}. */
  private static float geluExponential(float x) {
    float factor = Math.fma(x * x, ElementaryConstants.GELU_3, ElementaryConstants.GELU_1);
    return ScalarFunctions.exp(x * factor);
  }

  @Override
  public void add(float[] a, int aBase, float[] b, int bBase, float[] y, int yBase, int length) {
    for (int i = 0; i < length; i++) {
      y[yBase + i] = a[aBase + i] + b[bBase + i];
    }
  }

  @Override
  public void multiply(
      float[] a, int aBase, float[] b, int bBase, float[] y, int yBase, int length) {
    for (int i = 0; i < length; i++) {
      y[yBase + i] = a[aBase + i] * b[bBase + i];
    }
  }

  @Override
  public void softplus(
      float beta, float threshold, float[] x, int xBase, float[] y, int yBase, int length) {
    float most = Math.min(threshold, ElementaryConstants.SOFTPLUS_MOST);
    for (int i = 0; i < length; i++) {
      float v = x[xBase + i];
      float z = beta * v;
      y[yBase + i] = z > most ? v : ScalarFunctions.log1p(ScalarFunctions.exp(z)) / beta;
    }
  }

  @Override
  public void softplusBackward(
      float beta,
      float threshold,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length) {
    float most = Math.min(threshold, ElementaryConstants.SOFTPLUS_MOST);
    for (int i = 0; i < length; i++) {
      float z = beta * x[xBase + i];
      float d = dy[dyBase + i];
      float exponential = ScalarFunctions.exp(z);
      dx[dxBase + i] = z > most ? d : exponential / (exponential + 1f) * d;
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
    float kept = 1f - rate;
    for (int i = 0; i < length; ) {
      long element = first + i;
      int words = CounterRandom.atLeast(key, stream, element >>> 2, rate);
      for (int word = (int) element & 3; word < 4 && i < length; word++, i++) {
        y[yBase + i] = (words >>> word & 1) == 1 ? x[xBase + i] / kept : 0f;
      }
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
