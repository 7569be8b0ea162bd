package org.backdraft.optim;

import org.backdraft.kernel.UpdateKernels;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2) in PyTorch's form:
 * {@code w = (1 − rate · weightDecay) · w}, then the step of {@link Adam} without decay.
 *
 * @param beta1 in [0, 1): how much of the mean of gradients is kept
 * @param beta2 in [0, 1): how much of the mean of squared gradients is kept
 * @param epsilon above 0, added to the root
 * @param weightDecay at least 0
 */
public record AdamW(float beta1, float beta2, float epsilon, float weightDecay)
    implements Optimizer {
  static final String NAME = "adamw";

  public AdamW {
    Ranges.belowOne("optimizer.beta1", beta1);
    Ranges.belowOne("optimizer.beta2", beta2);
    Ranges.aboveZero("optimizer.epsilon", epsilon);
    Ranges.atLeastZero("optimizer.weight-decay", weightDecay);
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
  public AdamW withWeightDecay(float weightDecay) {
    return new AdamW(beta1, beta2, epsilon, weightDecay);
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
    float kept = (float) (1 - (double) learningRate * weightDecay);
    Adam.step(
        kernels,
        w,
        g,
        state,
        begin,
        end,
        shift,
        denominator,
        0,
        kept,
        beta1,
        beta2,
        epsilon,
        learningRate,
        step);
  }
}
