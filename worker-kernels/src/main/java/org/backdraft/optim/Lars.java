package org.backdraft.optim;

import org.backdraft.kernel.UpdateKernels;

/**
 * Layer-wise adaptive rate scaling (You, Gitman and Ginsburg 2017, algorithm 1 and equation 6): the
 * rate of a tensor is multiplied by {@code trust · ‖w‖ / (‖gradient‖ + weightDecay · ‖w‖)}, or by 1
 * where a norm is 0; then {@code v = momentum · v + rate · (gradient + weightDecay · w); w −= v}.
 *
 * @param momentum in [0, 1)
 * @param trust above 0: the paper's η
 * @param weightDecay at least 0
 */
public record Lars(float momentum, float trust, float weightDecay) implements LayerwiseOptimizer {
  static final String NAME = "lars";

  public Lars {
    Ranges.belowOne("optimizer.momentum", momentum);
    Ranges.aboveZero("optimizer.trust", trust);
    Ranges.atLeastZero("optimizer.weight-decay", weightDecay);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int stateSlots() {
    return 1;
  }

  @Override
  public Lars withWeightDecay(float weightDecay) {
    return new Lars(momentum, trust, weightDecay);
  }

  @Override
  public void measure(
      UpdateKernels kernels,
      float[] w,
      float[] g,
      float[][] state,
      int begin,
      int end,
      int shift,
      float denominator,
      long step,
      double[] weightSquares,
      double[] directionSquares,
      int block) {
    weightSquares[block] = kernels.sumOfSquares(w, begin, end);
    directionSquares[block] = kernels.sumOfSquares(g, begin, end);
  }

  @Override
  public float trustRatio(double weightSquares, double directionSquares, float denominator) {
    double weight = StrictMath.sqrt(weightSquares);
    double gradient = StrictMath.sqrt(directionSquares) / denominator;
    if (weight == 0 || gradient == 0) {
      return 1;
    }
    return (float) (trust * weight / (gradient + weightDecay * weight));
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
    kernels.lars(
        w, g, state[0], begin, end, shift, denominator, weightDecay, learningRate, momentum);
  }
}
