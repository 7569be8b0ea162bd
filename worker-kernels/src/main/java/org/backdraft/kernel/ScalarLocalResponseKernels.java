package org.backdraft.kernel;

/**
 * The readable truth of {@link LocalResponseKernels}: everything is found again for each element,
 * nothing is kept.
 */
final class ScalarLocalResponseKernels implements LocalResponseKernels {
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
    for (int pixel = 0; pixel < pixels; pixel++) {
      int at = pixel * pitch;
      for (int c = 0; c < channels; c++) {
        float power = power(settings, denominator(settings, channels, x, xBase + at, c));
        y[yBase + at + c] = x[xBase + at + c] * power;
      }
    }
  }

  private static float denominator(
      LocalResponse settings, int channels, float[] x, int xAt, int c) {
    float sum = 0f;
    int end = Math.min(channels, c + settings.after() + 1);
    for (int j = Math.max(0, c - settings.before()); j < end; j++) {
      sum += x[xAt + j] * x[xAt + j];
    }
    return Math.fma(sum, settings.share(), settings.k());
  }

  private static float power(LocalResponse settings, float denominator) {
    return ScalarFunctions.exp(ScalarFunctions.log(denominator) * -settings.beta());
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
    for (int pixel = 0; pixel < pixels; pixel++) {
      int xAt = xBase + pixel * pitch;
      int dyAt = dyBase + pixel * pitch;
      for (int c = 0; c < channels; c++) {
        float sum = 0f;
        int end = Math.min(channels, c + settings.before() + 1);
        for (int j = Math.max(0, c - settings.after()); j < end; j++) {
          float denominator = denominator(settings, channels, x, xAt, j);
          sum += dy[dyAt + j] * x[xAt + j] * power(settings, denominator) / denominator;
        }
        float power = power(settings, denominator(settings, channels, x, xAt, c));
        dx[dxBase + pixel * pitch + c] =
            Math.fma(x[xAt + c] * sum, -settings.steepness(), dy[dyAt + c] * power);
      }
    }
  }
}
