package org.backdraft.optim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.backdraft.tensor.ParameterBlocks;

/**
 * Makes an objective small by limited-memory BFGS (Nocedal and Wright 2006, algorithms 7.4 and
 * 7.5), as PyTorch's {@code LBFGS} with {@code line_search_fn="strong_wolfe"}: the first direction
 * is that of steepest descent with a first size of {@code min(1, 1 / ‖g‖₁) · rate}, later ones try
 * {@code rate} first; pairs whose curvature {@code y · s} is not above 1e-10 are left out.
 *
 * <p>Dot products are in double over fixed blocks: workers that see the same values do the same.
 * Used by one thread.
 */
public final class LbfgsSearch {
  private static final double LEAST_CURVATURE = 1e-10;
  private static final double LEAST_SLOPE = 1e-9;

  /** The weights, those that are tried, the direction, and the gradients of up to five points. */
  private static final int MOST_POINTS = 8;

  /** A change of the weights, and that of the gradient. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Pair(float[] s, float[] y, double curvature) {}

  private final int history;
  private final BlockDots dots;
  private final float[] weights;
  private final Deque<Pair> pairs = new ArrayDeque<>(); // the oldest first
  private float[] gradient; // at the weights; null before the first evaluation
  private double value; // likewise
  private double scale = 1;

  /**
   * @param blocks of the parameters
   * @param start the weights to begin with; copied
   */
  public LbfgsSearch(Lbfgs rule, ParameterBlocks blocks, float[] start) {
    history = rule.history();
    dots = new BlockDots(blocks);
    weights = start.clone();
  }

  /** How many arrays as long as the parameters a search needs: pairs, and points of a line. */
  public static int arrays(Lbfgs rule) {
    return 2 * (rule.history() + 1) + MOST_POINTS;
  }

  /**
   * Where a search was between two directions.
   *
   * @param weights that it had reached; copied
   * @param saved what {@link #saved} told; the search takes hold of its arrays
   * @param value of the objective at the weights
   */
  public static LbfgsSearch restored(
      Lbfgs rule, ParameterBlocks blocks, float[] weights, float[][] saved, double value) {
    LbfgsSearch search = new LbfgsSearch(rule, blocks, weights);
    search.gradient = saved[0];
    search.value = value;
    for (int i = 1; i < saved.length; i += 2) {
      search.remember(saved[i], saved[i + 1]); // one that is missing has no curvature
    }
    return search;
  }

  /** How many arrays {@link #saved} tells. */
  public static int savedArrays(Lbfgs rule) {
    return 1 + 2 * rule.history();
  }

  /**
   * What the search goes on from besides the weights and its value there, between two directions:
   * the gradient at the weights, then the changes of weights and gradient that it remembers, the
   * oldest first; zeros for those that are still to come. Views of its own arrays.
   */
  public float[][] saved() {
    float[][] saved = new float[1 + 2 * history][];
    saved[0] = gradient;
    int i = 1;
    for (Pair each : pairs) {
      saved[i++] = each.s();
      saved[i++] = each.y();
    }
    Arrays.fill(saved, i, saved.length, new float[weights.length]);
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
    float[] direction = direction(gradient);
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

  private static void move(float[] direction, double size, float[] weights) {
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
    remember(s, y);
  }

  private void remember(float[] s, float[] y) {
    double curvature = dots.of(y, s);
    if (curvature > LEAST_CURVATURE) {
      if (pairs.size() == history) {
        pairs.removeFirst();
      }
      pairs.addLast(new Pair(s, y, curvature));
      scale = curvature / dots.of(y, y);
    }
  }

  /** Minus the gradient times the approximated inverse Hessian: the two-loop recursion. */
  private float[] direction(float[] gradient) {
    float[] q = new float[gradient.length];
    for (int i = 0; i < q.length; i++) {
      q[i] = -gradient[i];
    }
    List<Pair> all = new ArrayList<>(pairs);
    double[] alphas = new double[all.size()];
    for (int k = alphas.length - 1; k >= 0; k--) {
      alphas[k] = dots.of(all.get(k).s(), q) / all.get(k).curvature();
      move(all.get(k).y(), -alphas[k], q);
    }
    for (int i = 0; i < q.length; i++) {
      q[i] = (float) (scale * q[i]);
    }
    for (int k = 0; k < alphas.length; k++) {
      double beta = dots.of(all.get(k).y(), q) / all.get(k).curvature();
      move(all.get(k).s(), alphas[k] - beta, q);
    }
    return q;
  }
}
