package org.backdraft.optim;

import org.backdraft.kernel.UpdateKernels;

/**
 * RMSProp (Hinton 2012, lecture 6e) in PyTorch's form: the gradient divided by the root of a moving
 * mean of its squares; see {@link UpdateKernels#rmsProp}.
 *
 * @param alpha in [0, 1): how much of the mean of squares is kept
 * @param epsilon above 0, added to the root
 * @param momentum in [0, 1), of the divided gradient
 * @param centered whether the squared moving mean of gradients is taken from the mean of squares
 *     (Graves 2013, equation 38)
 * @param weightDecay at least 0, added to the gradient as {@code weightDecay · w}
 */
public record RmsProp(
    float alpha, float epsilon, float momentum, boolean centered, float weightDecay)
    implements Optimizer {
  static final String NAME = "rmsprop";

  public RmsProp {
    Ranges.belowOne("optimizer.alpha", alpha);
    Ranges.aboveZero("optimizer.epsilon", epsilon);
    Ranges.belowOne("optimizer.momentum", momentum);
    Ranges.atLeastZero("optimizer.weight-decay", weightDecay);
  }

  @Override
  public String name() {
    return NAME;
  }

  /** The mean of squares, that of gradients if centered, and last the velocity. */
  @Override
  public int stateSlots() {
    return 1 + (centered ? 1 : 0) + (momentum > 0 ? 1 : 0);
  }

  @Override
  public RmsProp withWeightDecay(float weightDecay) {
    return new RmsProp(alpha, epsilon, momentum, centered, weightDecay);
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
    kernels.rmsProp(
        w,
        g,
        state[0],
        centered ? state[1] : null,
        momentum > 0 ? state[stateSlots() - 1] : null,
        begin,
        end,
        shift,
        denominator,
        weightDecay,
        learningRate,
        alpha,
        epsilon,
        momentum);
  }
}
