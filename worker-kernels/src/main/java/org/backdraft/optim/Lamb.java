package org.backdraft.optim;

import org.backdraft.kernel.UpdateKernels;

/**
 * LAMB (You et al. 2020, algorithm 2, with φ(z) = z): Adam's direction plus decay, {@code r = m̂ /
 * (√v̂ + ε) + weightDecay · w}, and {@code w −= rate · ‖w‖ / ‖r‖ · r}; the ratio is 1 where a norm
 * is 0.
 *
 * @param beta1 in [0, 1): how much of the mean of gradients is kept
 * @param beta2 in [0, 1): how much of the mean of squared gradients is kept
 * @param epsilon above 0, added to the root
 * @param weightDecay at least 0
 */
public record Lamb(float beta1, float beta2, float epsilon, float weightDecay)
    implements LayerwiseOptimizer {
  static final String NAME = "lamb";

  public Lamb {
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
  public Lamb withWeightDecay(float weightDecay) {
    return new Lamb(beta1, beta2, epsilon, weightDecay);
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
    directionSquares[block] =
        kernels.lambMoments(
            w,
            g,
            state[0],
            state[1],
            begin,
            end,
            shift,
            denominator,
            weightDecay,
            beta1,
            beta2,
            epsilon,
            meanCorrection(step),
            rootCorrection(step));
  }

  @Override
  public float trustRatio(double weightSquares, double directionSquares, float denominator) {
    if (weightSquares == 0 || directionSquares == 0) {
      return 1;
    }
    return (float) (StrictMath.sqrt(weightSquares) / StrictMath.sqrt(directionSquares));
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
    kernels.lambStep(
        w,
        state[0],
        state[1],
        begin,
        end,
        shift,
        weightDecay,
        epsilon,
        meanCorrection(step),
        rootCorrection(step),
        learningRate);
  }

  private float meanCorrection(long step) {
    return (float) (1 - Powers.of(beta1, step));
  }

  private float rootCorrection(long step) {
    return (float) StrictMath.sqrt(1 - Powers.of(beta2, step));
  }
}
