package org.backdraft.optim;

import java.util.Arrays;
import org.backdraft.tensor.ParameterBlocks;

/**
 * Makes an objective small by a quasi-Newton method: along one direction after the other, each of
 * which {@link InverseHessian} makes of the gradient, to a point that meets the strong Wolfe
 * conditions ({@link StrongWolfe}). As in PyTorch's {@code LBFGS} the first direction is that of
 * steepest descent with a first size of {@code min(1, 1 / ‖g‖₁) · rate}, later ones try {@code
 * rate} first; changes whose curvature {@code y · s} is not above 1e-10 are left out.
 *
 * <p>Dot products are in double over fixed blocks: workers that see the same values do the same.
 * Used by one thread.
 */
public final class QuasiNewtonSearch {
  private static final double LEAST_CURVATURE = 1e-10;
  private static final double LEAST_SLOPE = 1e-9;

  /** The weights, those that are tried, the direction, and the gradients of up to five points. */
  private static final int MOST_POINTS = 8;

  /** The change of the weights, and that of the gradient, that is about to be learnt. */
  private static final int CHANGE = 2;

  private final InverseHessian inverseHessian;
  private final BlockDots dots;
  private final float[] weights;
  private float[] gradient; // at the weights; null before the first evaluation
  private double value; // likewise

  /**
   * @param blocks of the parameters
   * @param start the weights to begin with; copied
   * @throws IllegalArgumentException if there are more parameters than the rule can take
   */
  public QuasiNewtonSearch(SearchRule rule, ParameterBlocks blocks, float[] start) {
    inverseHessian = rule.inverseHessian(blocks);
    dots = new BlockDots(blocks);
    weights = start.clone();
  }

  /**
   * How many arrays as long as the parameters a search needs: what it knows of the curvature, and
   * points of a line.
   */
  public static int arrays(SearchRule rule, int parameters) {
    return rule.hessianArrays(parameters) + CHANGE + MOST_POINTS;
  }

  /**
   * Where a search was between two directions.
   *
   * @param weights that it had reached; copied
   * @param saved what {@link #saved} told; the search takes hold of its arrays
   * @param value of the objective at the weights
   */
  public static QuasiNewtonSearch restored(
      SearchRule rule, ParameterBlocks blocks, float[] weights, float[][] saved, double value) {
    QuasiNewtonSearch search = new QuasiNewtonSearch(rule, blocks, weights);
    search.gradient = saved[0];
    search.value = value;
    search.inverseHessian.restore(Arrays.copyOfRange(saved, 1, saved.length));
    return search;
  }

  /** How many arrays {@link #saved} tells. */
  public static int savedArrays(SearchRule rule, int parameters) {
    return 1 + rule.hessianArrays(parameters);
  }

  /**
   * What the search goes on from besides the weights and its value there, between two directions:
   * the gradient at the weights, then what it knows of the curvature. Views of its own arrays.
   */
  public float[][] saved() {
    float[][] known = inverseHessian.saved();
    float[][] saved = new float[1 + known.length][];
    saved[0] = gradient;
    System.arraycopy(known, 0, saved, 1, known.length);
    return saved;
  }

  /** The value at the weights, between two directions. */
  public double value() {
    return value;
  }

  /** The weights that were reached, the end of the last search; others are only tried. */
  public float[] weights() {
    return weights;
  }

  /**
   * Searches along one direction after the other, until no evaluation is left or the gradient is 0.
   *
   * @param rate what a direction's first size is
   */
  public <E extends Exception> void run(Objective<E> objective, double rate) throws E {
    float[] first = new float[weights.length];
    value = objective.at(weights, first);
    gradient = first;
    if (objective.goesOn() && search(objective, Math.min(1, 1 / dots.absolutes(gradient)) * rate)) {
      goOn(objective, rate);
    }
  }

  /** Goes on between two directions, to the same end as {@link #run}. */
  public <E extends Exception> void goOn(Objective<E> objective, double rate) throws E {
    boolean moves = true;
    while (moves && objective.goesOn() && objective.turns()) {
      moves = search(objective, rate);
    }
  }

  /** Searches along one direction; whether it has come to its end. */
  private <E extends Exception> boolean search(Objective<E> objective, double size) throws E {
    float[] direction = inverseHessian.direction(gradient);
    double slope = dots.of(gradient, direction);
    if (slope > -LEAST_SLOPE) {
      return false;
    }
    StrongWolfe.Point start = new StrongWolfe.Point(0, value, slope, gradient);
    StrongWolfe.Point end =
        new StrongWolfe<E>(each -> at(objective, direction, each), start, longest(direction))
            .search(size);
    if (end == null) {
      return false;
    }
    remember(direction, end, gradient);
    move(direction, end.size(), weights);
    gradient = end.gradient();
    value = end.value();
    return true;
  }

  private <E extends Exception> StrongWolfe.Point at(
      Objective<E> objective, float[] direction, double size) throws E {
    if (!objective.goesOn()) {
      return null;
    }
    float[] trial = weights.clone();
    move(direction, size, trial);
    float[] gradient = new float[trial.length];
    double value = objective.at(trial, gradient);
    return new StrongWolfe.Point(size, value, dots.of(gradient, direction), gradient);
  }

  /** Goes along a direction. */
  static void move(float[] direction, double size, float[] weights) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (weights[i] + size * direction[i]);
    }
  }

  private static double longest(float[] direction) {
    double longest = 0;
    for (float each : direction) {
      longest = Math.max(longest, Math.abs(each));
    }
    return longest;
  }

  private void remember(float[] direction, StrongWolfe.Point end, float[] before) {
    float[] s = new float[direction.length];
    float[] y = new float[direction.length];
    for (int i = 0; i < s.length; i++) {
      s[i] = (float) (end.size() * direction[i]);
      y[i] = end.gradient()[i] - before[i];
    }
    double curvature = dots.of(y, s);
    if (curvature > LEAST_CURVATURE) {
      inverseHessian.learn(s, y, curvature);
    }
  }
}
