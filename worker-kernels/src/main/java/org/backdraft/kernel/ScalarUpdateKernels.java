package org.backdraft.kernel;

/** The readable truth of {@link UpdateKernels}. */
final class ScalarUpdateKernels implements UpdateKernels {
  @Override
  public void sgd(
      float[] w, float[] g, int begin, int end, float denominator, float weightDecay, float rate) {
    for (int i = begin; i < end; i++) {
      float gradient = Math.fma(weightDecay, w[i], g[i] / denominator);
      w[i] = Math.fma(-rate, gradient, w[i]);
    }
  }

  @Override
  public void momentum(
      float[] w,
      float[] g,
      float[] v,
      int begin,
      int end,
      float denominator,
      float weightDecay,
      float rate,
      float momentum,
      boolean nesterov) {
    for (int i = begin; i < end; i++) {
      float gradient = Math.fma(weightDecay, w[i], g[i] / denominator);
      v[i] = Math.fma(momentum, v[i], gradient);
      float direction = nesterov ? Math.fma(momentum, v[i], gradient) : v[i];
      w[i] = Math.fma(-rate, direction, w[i]);
    }
  }

  @Override
  public void adam(
      float[] w,
      float[] g,
      float[] m,
      float[] v,
      int begin,
      int end,
      float denominator,
      float weightDecay,
      float beta1,
      float beta2,
      float epsilon,
      float stepSize,
      float rootCorrection) {
    float oneMinusBeta1 = 1f - beta1;
    float oneMinusBeta2 = 1f - beta2;
    for (int i = begin; i < end; i++) {
      float gradient = Math.fma(weightDecay, w[i], g[i] / denominator);
      m[i] = Math.fma(beta1, m[i], oneMinusBeta1 * gradient);
      v[i] = Math.fma(beta2, v[i], oneMinusBeta2 * gradient * gradient);
      float divisor = (float) Math.sqrt(v[i]) / rootCorrection + epsilon;
      w[i] = Math.fma(-stepSize, m[i] / divisor, w[i]);
    }
  }
}
