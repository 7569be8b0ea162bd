package org.backdraft.optim;

import org.backdraft.kernel.UpdateKernels;

/**
 * Stochastic gradient descent (Robbins and Monro 1951): {@code w −= rate · (gradient + weightDecay
 * · w)}.
 *
 * @param weightDecay at least 0
 */
public record Sgd(float weightDecay) implements Optimizer {
  static final String NAME = "sgd";

  public Sgd {
    Ranges.atLeastZero("optimizer.weight-decay", weightDecay);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int stateSlots() {
    return 0;
  }

  @Override
  public Sgd withWeightDecay(float weightDecay) {
    return new Sgd(weightDecay);
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
    kernels.sgd(w, g, begin, end, denominator, weightDecay, learningRate);
  }
}
