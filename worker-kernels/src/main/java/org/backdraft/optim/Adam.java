package org.backdraft.optim;

import org.backdraft.kernel.UpdateKernels;

/**
 * Adam (Kingma and Ba 2015, algorithm 1), with weight decay added to the gradient as PyTorch's
 * {@code Adam} does (not the decoupled decay of AdamW).
 *
 * @param beta1 in [0, 1): how much of the mean of gradients is kept
 * @param beta2 in [0, 1): how much of the mean of squared gradients is kept
 * @param epsilon above 0, added to the root
 * @param weightDecay at least 0
 */
public record Adam(float beta1, float beta2, float epsilon, float weightDecay)
    implements Optimizer {
  static final String NAME = "adam";

  public Adam {
    Ranges.belowOne("optimizer.beta1", beta1);
    Ranges.belowOne("optimizer.beta2", beta2);
    Ranges.aboveZero("optimizer.epsilon", epsilon);
    Ranges.atLeastZero("optimizer.weight-decay", weightDecay);
  }

  /** The paper's settings: β1 = 0.9, β2 = 0.999, ε = 1e-8, no weight decay. */
  public static Adam standard() {
    return new Adam(0.9f, 0.999f, 1e-8f, 0);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int stateSlots() {
    return 2;
  }

  @Override
  public Adam withWeightDecay(float weightDecay) {
    return new Adam(beta1, beta2, epsilon, weightDecay);
  }

  @Override
  public void update(
      UpdateKernels kernels,
      float[] w,
      float[] g,
      float[][] state,
      int begin,
      int end,
      int shift,
      float denominator,
      float learningRate,
      long step) {
    step(
        kernels,
        w,
        g,
        state,
        begin,
        end,
        shift,
        denominator,
        weightDecay,
        1,
        beta1,
        beta2,
        epsilon,
        learningRate,
        step);
  }

  /** A step with weight decay in the gradient, or (with {@code kept} below 1) decoupled. */
  static void step(
      UpdateKernels kernels,
      float[] w,
      float[] g,
      float[][] state,
      int begin,
      int end,
      int shift,
      float denominator,
      float weightDecay,
      float kept,
      float beta1,
      float beta2,
      float epsilon,
      float learningRate,
      long step) {
    double correction1 = 1 - Powers.of(beta1, step);
    double correction2 = 1 - Powers.of(beta2, step);
    kernels.adam(
        w,
        g,
        state[0],
        state[1],
        begin,
        end,
        shift,
        denominator,
        weightDecay,
        kept,
        beta1,
        beta2,
        epsilon,
        (float) (learningRate / correction1),
        (float) StrictMath.sqrt(correction2));
  }
}
