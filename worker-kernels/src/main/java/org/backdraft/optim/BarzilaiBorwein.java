package org.backdraft.optim;

import org.backdraft.kernel.UpdateKernels;

/**
 * Gradient descent whose rate comes from the last two steps (Barzilai and Borwein 1988, equation 5,
 * with the absolute value, so that no rate is negative where the loss is not convex): with {@code
 * s} the last change of all weights and {@code y} that of the gradient,
 *
 * <p>{@code w −= |s · y| / (y · y) · gradient}.
 *
 * <p>Meant for gradients over the whole data set. The learning rate is that of step 1, and of a
 * step whose gradient is that of the step before; else it, and so a schedule, means nothing. The
 * loss need not fall at every step.
 *
 * @param weightDecay at least 0, times the weight added to its gradient
 */
public record BarzilaiBorwein(float weightDecay) implements LayerwiseOptimizer {
  static final String NAME = "barzilai-borwein";

  public BarzilaiBorwein {
    Ranges.atLeastZero("optimizer.weight-decay", weightDecay);
  }

  @Override
  public String name() {
    return NAME;
  }

  /** Weights and gradient of the step before. */
  @Override
  public int stateSlots() {
    return 2;
  }

  @Override
  public BarzilaiBorwein withWeightDecay(float weightDecay) {
    return new BarzilaiBorwein(weightDecay);
  }

  @Override
  public boolean isGlobal() {
    return true;
  }

  private float gradient(float[] w, float[] g, int i, float denominator) {
    return g[i] / denominator + weightDecay * w[i];
  }

  /** Sums {@code s · y}, and {@code y · y}; nothing at step 1, which has no step before. */
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
      double[] products,
      double[] squares,
      int block) {
    double product = 0;
    double square = 0;
    for (int i = begin; step > 1 && i < end; i++) {
      double s = (double) w[i] - state[0][i + shift];
      double y = (double) gradient(w, g, i, denominator) - state[1][i + shift];
      product += s * y;
      square += y * y;
    }
    products[block] = product;
    squares[block] = square;
  }

  @Override
  public float rate(float learningRate, double product, double square, float denominator) {
    float rate = (float) (Math.abs(product) / square);
    return square > 0 && rate > 0 ? rate : learningRate;
  }

  /** What the learning rate of the first step is multiplied by. */
  @Override
  public float trustRatio(double product, double square, float denominator) {
    return 1;
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
    for (int i = begin; i < end; i++) {
      float gradient = gradient(w, g, i, denominator);
      state[0][i + shift] = w[i];
      state[1][i + shift] = gradient;
      w[i] -= learningRate * gradient;
    }
  }
}
