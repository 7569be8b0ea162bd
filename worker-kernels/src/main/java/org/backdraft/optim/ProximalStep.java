package org.backdraft.optim;

import org.backdraft.tensor.ParameterBlocks;

/**
 * The minimum of {@code h(v) = L(v) + ‖v − w‖² / (2r)} by a few evaluations of a batch's loss L and
 * its gradient: gradient descent on h from w, whose step is {@code |s · y| / (y · y)} of the last
 * two points s and gradients y (Barzilai and Borwein 1988). Only points that lower h are kept, so
 * that a step never raises the loss of its batch.
 *
 * <p>Where all gradients of the batch have one direction, as for a linear model, one example and
 * one output, that is the secant method for the one equation {@code ξ = −r · ℓ'((w + ξ x) · x)}
 * (Toulis and Airoldi 2017, section 2.2): for a squared loss the third evaluation is at the
 * solution, for a logistic one each has about 1.6 times the digits of the one before.
 *
 * <p>The first trial is a step of gradient descent, but no longer than to where the tangent of L is
 * 0, {@code L / ‖∇L‖²}: a rate that is too large by orders of magnitude leads nowhere near the
 * largest float.
 *
 * <p><b>Threads</b>: used by one. <b>Cost</b>: four arrays as long as the parameters; sums are in
 * double over fixed blocks, so all workers walk alike.
 */
public final class ProximalStep {
  /** What a step that has led to numbers that are not finite is multiplied by. */
  private static final double RETREAT = 0.1;

  private final BlockDots dots;
  private final float[] start;
  private final float[] best;
  private final float[] slope; // gradient of h at the best point
  private final float[] trial;
  private double rate;
  private double value; // of h at the best point
  private double step;
  private boolean hasBest;

  /** Allocates. */
  public ProximalStep(ParameterBlocks blocks) {
    dots = new BlockDots(blocks);
    start = new float[dots.length()];
    best = new float[start.length];
    slope = new float[start.length];
    trial = new float[start.length];
  }

  /** How many arrays as long as the parameters it has. */
  public static int arrays() {
    return 4;
  }

  /**
   * Begins a step; the first evaluation is at the weights themselves.
   *
   * @param weights copied
   * @param rate r, above 0
   */
  public void begin(float[] weights, double rate) {
    System.arraycopy(weights, 0, start, 0, start.length);
    System.arraycopy(weights, 0, trial, 0, start.length);
    this.rate = rate;
    hasBest = false;
  }

  /**
   * Takes an evaluation.
   *
   * @param gradient of the batch's mean loss at the last {@link #next}, or at the beginning;
   *     overwritten
   * @param loss at the same place
   */
  public void take(float[] gradient, double loss) {
    if (!hasBest) {
      keep(gradient, loss);
      hasBest = true;
      double squares = dots.of(slope, slope);
      double tangent = loss > 0 && squares > 0 ? loss / squares : rate;
      step = Math.min(rate, tangent);
      return;
    }
    for (int i = 0; i < start.length; i++) {
      gradient[i] += (float) (((double) trial[i] - start[i]) / rate);
    }
    double penalty = dots.ofDifferences(trial, start, trial, start) / (2 * rate);
    double curved = curvedStep(gradient);
    if (loss + penalty <= value) {
      keep(gradient, loss + penalty);
      step = curved > 0 ? curved : step;
    } else {
      step = curved > 0 ? Math.min(curved, step / 2) : step / 2;
    }
    // Where L is convex h has a curvature of at least 1 / r.
    step = Math.min(step, rate);
  }

  private void keep(float[] gradient, double penalized) {
    System.arraycopy(trial, 0, best, 0, best.length);
    System.arraycopy(gradient, 0, slope, 0, slope.length);
    value = penalized;
  }

  /** From the best point and the last trial; 0 where they do not tell any. */
  private double curvedStep(float[] gradient) {
    double squares = dots.ofDifferences(gradient, slope, gradient, slope);
    double product = dots.ofDifferences(trial, best, gradient, slope);
    double curved = Math.abs(product) / squares;
    return squares > 0 && curved > 0 && curved <= Double.MAX_VALUE ? curved : 0;
  }

  /** Takes an evaluation whose loss or gradient is not finite: the next trial is nearer. */
  public void refuse() {
    step *= RETREAT;
  }

  /**
   * Where to evaluate next.
   *
   * @param weights written
   */
  public void next(float[] weights) {
    for (int i = 0; i < trial.length; i++) {
      trial[i] = (float) (best[i] - step * slope[i]);
    }
    System.arraycopy(trial, 0, weights, 0, trial.length);
  }

  /**
   * The best point that was evaluated.
   *
   * @param weights written
   */
  public void end(float[] weights) {
    System.arraycopy(best, 0, weights, 0, best.length);
  }
}
