package org.backdraft.kernel;

/** The readable truth of {@link UpdateKernels}. */
final class ScalarUpdateKernels implements UpdateKernels {
  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();

  /** See {@link UpdateKernels#TINY}. */
  private static float flush(float value) {
    return value + TINY - TINY;
  }

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
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float momentum,
      boolean nesterov) {
    for (int i = begin; i < end; i++) {
      int at = i + shift;
      float gradient = Math.fma(weightDecay, w[i], g[i] / denominator);
      v[at] = flush(Math.fma(momentum, v[at], gradient));
      float direction = nesterov ? Math.fma(momentum, v[at], gradient) : v[at];
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
      int shift,
      float denominator,
      float weightDecay,
      float kept,
      float beta1,
      float beta2,
      float epsilon,
      float stepSize,
      float rootCorrection) {
    float oneMinusBeta1 = 1f - beta1;
    float oneMinusBeta2 = 1f - beta2;
    for (int i = begin; i < end; i++) {
      int at = i + shift;
      float gradient = Math.fma(weightDecay, w[i], g[i] / denominator);
      m[at] = flush(Math.fma(beta1, m[at], oneMinusBeta1 * gradient));
      v[at] = flush(Math.fma(beta2, v[at], oneMinusBeta2 * gradient * gradient));
      float divisor = (float) Math.sqrt(v[at]) / rootCorrection + epsilon;
      w[i] = Math.fma(-stepSize, m[at] / divisor, kept * w[i]);
    }
  }

  @Override
  public void rmsProp(
      float[] w,
      float[] g,
      float[] s,
      float[] mean,
      float[] velocity,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float alpha,
      float epsilon,
      float momentum) {
    float oneMinusAlpha = 1f - alpha;
    for (int i = begin; i < end; i++) {
      int at = i + shift;
      float gradient = Math.fma(weightDecay, w[i], g[i] / denominator);
      s[at] = Math.fma(alpha, s[at], oneMinusAlpha * gradient * gradient);
      float square = s[at];
      if (mean != null) {
        mean[at] = Math.fma(oneMinusAlpha, gradient - mean[at], mean[at]);
        square = Math.max(Math.fma(-mean[at], mean[at], square), 0f);
      }
      float direction = gradient / ((float) Math.sqrt(square) + epsilon);
      if (velocity != null) {
        velocity[at] = Math.fma(momentum, velocity[at], direction);
        direction = velocity[at];
      }
      w[i] = Math.fma(-rate, direction, w[i]);
    }
  }

  @Override
  public void adagrad(
      float[] w,
      float[] g,
      float[] s,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float epsilon) {
    for (int i = begin; i < end; i++) {
      int at = i + shift;
      float gradient = Math.fma(weightDecay, w[i], g[i] / denominator);
      s[at] = Math.fma(gradient, gradient, s[at]);
      w[i] = Math.fma(-rate, gradient / ((float) Math.sqrt(s[at]) + epsilon), w[i]);
    }
  }

  @Override
  public void rprop(
      float[] w,
      float[] g,
      float[] previous,
      float[] size,
      int begin,
      int end,
      int shift,
      float denominator,
      float etaMinus,
      float etaPlus,
      float leastSize,
      float mostSize) {
    for (int i = begin; i < end; i++) {
      int at = i + shift;
      float gradient = g[i] / denominator;
      float agreement = gradient * previous[at];
      float eta = agreement > 0f ? etaPlus : agreement < 0f ? etaMinus : 1f;
      size[at] = Math.min(Math.max(size[at] * eta, leastSize), mostSize);
      previous[at] = agreement < 0f ? 0f : gradient;
      float move = previous[at] > 0f ? size[at] : previous[at] < 0f ? -size[at] : 0f;
      w[i] = w[i] - move;
    }
  }

  @Override
  public void lars(
      float[] w,
      float[] g,
      float[] v,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float momentum) {
    for (int i = begin; i < end; i++) {
      int at = i + shift;
      float gradient = Math.fma(weightDecay, w[i], g[i] / denominator);
      v[at] = Math.fma(momentum, v[at], rate * gradient);
      w[i] = w[i] - v[at];
    }
  }

  @Override
  public double lambMoments(
      float[] w,
      float[] g,
      float[] m,
      float[] v,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float beta1,
      float beta2,
      float epsilon,
      float meanCorrection,
      float rootCorrection) {
    float oneMinusBeta1 = 1f - beta1;
    float oneMinusBeta2 = 1f - beta2;
    float[] directions = scratch.get().floats(end - begin);
    for (int i = begin; i < end; i++) {
      int at = i + shift;
      float gradient = g[i] / denominator;
      m[at] = Math.fma(beta1, m[at], oneMinusBeta1 * gradient);
      v[at] = Math.fma(beta2, v[at], oneMinusBeta2 * gradient * gradient);
      directions[i - begin] =
          direction(w[i], m[at], v[at], weightDecay, epsilon, meanCorrection, rootCorrection);
    }
    return sumOfSquares(directions, 0, end - begin);
  }

  @Override
  public void lambStep(
      float[] w,
      float[] m,
      float[] v,
      int begin,
      int end,
      int shift,
      float weightDecay,
      float epsilon,
      float meanCorrection,
      float rootCorrection,
      float rate) {
    for (int i = begin; i < end; i++) {
      int at = i + shift;
      float direction =
          direction(w[i], m[at], v[at], weightDecay, epsilon, meanCorrection, rootCorrection);
      w[i] = Math.fma(-rate, direction, w[i]);
    }
  }

  /** The direction of LAMB for one element. */
  static float direction(
      float w,
      float m,
      float v,
      float weightDecay,
      float epsilon,
      float meanCorrection,
      float rootCorrection) {
    float divisor = (float) Math.sqrt(v) / rootCorrection + epsilon;
    return Math.fma(weightDecay, w, m / meanCorrection / divisor);
  }

  @Override
  public double sumOfSquares(float[] x, int begin, int end) {
    return sumOfSquares(x, begin, end, 0, 1);
  }

  /** The sum over the virtual lanes {@code lane, lane + stride …}, as a tree. */
  private static double sumOfSquares(float[] x, int begin, int end, int lane, int stride) {
    if (stride < Kernels.LANES) {
      return sumOfSquares(x, begin, end, lane, 2 * stride)
          + sumOfSquares(x, begin, end, lane + stride, 2 * stride);
    }
    double chain = 0;
    for (int i = begin + lane; i < end; i += Kernels.LANES) {
      chain += (double) x[i] * x[i];
    }
    return chain;
  }

  @Override
  public boolean isFinite(float[] x, int begin, int end) {
    for (int i = begin; i < end; i++) {
      if (!Float.isFinite(x[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void clamp(float[] x, int begin, int end, float limit) {
    for (int i = begin; i < end; i++) {
      x[i] = Math.min(Math.max(x[i], -limit), limit);
    }
  }
}
