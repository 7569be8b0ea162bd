package org.backdraft.kernel;

/**
 * One step of an optimiser over a flat range {@code [begin, end)} of parameters w, gradient sums g
 * and state of the same offsets, in one pass.
 *
 * <p>The gradient is {@code g[i] / denominator + weightDecay · w[i]}: sums are divided here, once.
 */
public interface UpdateKernels {
  /** {@code w −= rate · gradient}. */
  void sgd(
      float[] w, float[] g, int begin, int end, float denominator, float weightDecay, float rate);

  /**
   * Momentum in PyTorch's form: {@code v = momentum · v + gradient}; then {@code w −= rate · v}, or
   * with {@code nesterov} {@code w −= rate · (gradient + momentum · v)}. State v starts at 0.
   */
  void momentum(
      float[] w,
      float[] g,
      float[] v,
      int begin,
      int end,
      float denominator,
      float weightDecay,
      float rate,
      float momentum,
      boolean nesterov);

  /**
   * Adam (Kingma and Ba 2015, algorithm 1) in PyTorch's form: {@code m = β1·m + (1−β1)·gradient; v
   * = β2·v + (1−β2)·gradient²; w −= rate/c1 · m / (√v/√c2 + ε)} with {@code c = 1 − β^t}.
   *
   * @param stepSize rate / (1 − β1^t)
   * @param rootCorrection √(1 − β2^t)
   */
  void adam(
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
      float rootCorrection);
}
