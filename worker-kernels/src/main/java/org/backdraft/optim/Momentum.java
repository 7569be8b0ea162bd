package org.backdraft.optim;

import org.backdraft.kernel.UpdateKernels;

/**
 * Gradient descent with momentum (Polyak 1964) in PyTorch's form: {@code v = momentum · v +
 * gradient; w −= rate · v}; with {@code nesterov} (Nesterov 1983, in the form of Sutskever et al.
 * 2013) {@code w −= rate · (gradient + momentum · v)}.
 *
 * @param momentum in [0, 1)
 * @param weightDecay at least 0, added to the gradient as {@code weightDecay · w}
 */
public record Momentum(float momentum, boolean nesterov, float weightDecay) implements Optimizer {
  static final String NAME = "momentum";
  static final String NESTEROV = "nesterov";

  public Momentum {
    Ranges.belowOne("optimizer.momentum", momentum);
    Ranges.atLeastZero("optimizer.weight-decay", weightDecay);
  }

  @Override
  public String name() {
    return nesterov ? NESTEROV : NAME;
  }

  @Override
  public int stateSlots() {
    return 1;
  }

  @Override
  public Momentum withWeightDecay(float weightDecay) {
    return new Momentum(momentum, nesterov, weightDecay);
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
    kernels.momentum(
        w,
        g,
        state[0],
        begin,
        end,
        shift,
        denominator,
        weightDecay,
        learningRate,
        momentum,
        nesterov);
  }
}
