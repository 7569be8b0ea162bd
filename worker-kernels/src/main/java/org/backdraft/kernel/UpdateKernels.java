package org.backdraft.kernel;

/**
 * One step of an optimiser over a flat range {@code [begin, end)} of parameters w and gradient sums
 * g, in one pass. The state of element i lies at {@code i + shift} of its arrays: a worker that
 * updates a part of the parameters keeps state for that part alone.
 *
 * <p>The gradient is {@code g[i] / denominator + weightDecay · w[i]}: sums are divided here, once.
 */
public interface UpdateKernels {
  /**
   * Added to running means and taken away again, so that what is below 2⁻¹²⁶ becomes zero. The mean
   * of a gradient that has become 0 would shrink to a denormal number and stay one for ever, and
   * processors compute with those a hundred times slower. Values above 2⁻⁷⁷ do not change.
   */
  float TINY = 0x1p-102f;

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
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float momentum,
      boolean nesterov);

  /**
   * Adam (Kingma and Ba 2015, algorithm 1) in PyTorch's form: {@code m = β1·m + (1−β1)·gradient; v
   * = β2·v + (1−β2)·gradient²; w = kept · w − rate/c1 · m / (√v/√c2 + ε)} with {@code c = 1 − β^t}.
   *
   * @param kept 1, or {@code 1 − rate · decay} for the decoupled decay of AdamW (Loshchilov and
   *     Hutter 2019, algorithm 2)
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
      int shift,
      float denominator,
      float weightDecay,
      float kept,
      float beta1,
      float beta2,
      float epsilon,
      float stepSize,
      float rootCorrection);

  /**
   * RMSProp (Hinton 2012, lecture 6e) in PyTorch's form: {@code s = α·s + (1−α)·gradient²; w −=
   * rate · gradient / (√s + ε)}. Centered, {@code s − mean²} stands under the root, {@code mean +=
   * (1−α)·(gradient − mean)}, and what rounding makes negative there is 0 (PyTorch finds NaN). With
   * momentum {@code velocity = momentum · velocity + gradient / (√s + ε); w −= rate · velocity}.
   *
   * @param mean null where not centered
   * @param velocity null where there is no momentum
   */
  void rmsProp(
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
      float momentum);

  /**
   * Adagrad (Duchi, Hazan and Singer 2011, figure 1, diagonal): {@code s += gradient²; w −= rate ·
   * gradient / (√s + ε)}.
   */
  void adagrad(
      float[] w,
      float[] g,
      float[] s,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float epsilon);

  /**
   * Rprop (Riedmiller and Braun 1993) in PyTorch's form: {@code size} grows by {@code etaPlus}
   * where the gradient has the sign of {@code previous}, shrinks by {@code etaMinus} where it has
   * the other one (and counts as 0 then), and stays within its limits; {@code w −= sign(gradient) ·
   * size; previous = gradient}. The gradient is {@code g[i] / denominator}.
   */
  void rprop(
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
      float mostSize);

  /**
   * The step of LARS (You, Gitman and Ginsburg 2017, algorithm 1): {@code v = momentum · v + rate ·
   * gradient; w −= v}.
   *
   * @param rate the global rate times the tensor's own
   */
  void lars(
      float[] w,
      float[] g,
      float[] v,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float rate,
      float momentum);

  /**
   * The first pass of LAMB (You et al. 2020, algorithm 2): {@code m = β1·m + (1−β1)·gradient; v =
   * β2·v + (1−β2)·gradient²}, with {@code g[i] / denominator} as gradient.
   *
   * @param meanCorrection 1 − β1^t
   * @param rootCorrection √(1 − β2^t)
   * @return the sum, as in {@link #sumOfSquares}, of the squares of {@code direction = m/c1 /
   *     (√v/√c2 + ε) + weightDecay · w}
   */
  double lambMoments(
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
      float rootCorrection);

  /**
   * The second pass of LAMB: {@code w −= rate · direction}, the direction as in {@link
   * #lambMoments}.
   *
   * @param rate the global rate times the tensor's trust ratio
   */
  void lambStep(
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
      float rate);

  /**
   * {@code Σ x²} in double: element {@code begin + j} in the chain of lane j mod 16, lanes joined
   * over the fixed tree.
   */
  double sumOfSquares(float[] x, int begin, int end);

  /** Whether {@code [begin, end)} of x holds neither a NaN nor an infinity. */
  boolean isFinite(float[] x, int begin, int end);

  /** Cuts x to {@code [−limit, limit]}; NaN stays. */
  void clamp(float[] x, int begin, int end, float limit);
}
