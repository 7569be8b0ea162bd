package org.backdraft.neuron;

import org.backdraft.tensor.Checks;

/**
 * The perceptron of optimal stability: among all lines that part the observations the one with the
 * largest distance to the nearest of them, that of a support vector machine. MinOver (Krauth and
 * Mézard 1987, <em>Learning algorithms with optimal stability in neural networks</em>) learns at
 * each step from the observation that has the least overlap; here the one of each class with the
 * least, {@code w += x⁺ − x⁻}, which leaves the bias out of the norm (Martinetz 2003, <em>MinOver
 * revisited for incremental support-vector-classification</em>). Of t steps the margin is short of
 * the largest by a share of the order 1/t.
 */
public final class StablePerceptron {
  private final int steps;

  /**
   * @param steps at least 1
   */
  public StablePerceptron(int steps) {
    Checks.argument(steps >= 1, "There must be at least 1 step: got %d.", steps);
    this.steps = steps;
  }

  /**
   * Learns.
   *
   * @return the line, half way between the nearest observations of both classes; its {@link
   *     Line#margin} is not above 0 where no line parts them
   * @throws IllegalArgumentException if only one of both classes occurs
   */
  public Line learn(Observations data) {
    Checks.argument(
        data.targets().contains(0) && data.targets().contains(1),
        "There must be observations of both classes: got targets %s.",
        data.targets());
    double[] weights = new double[data.dimension()];
    for (int step = 0; step < steps; step++) {
      double[] positive = data.inputs().get(nearest(data, weights, 1));
      double[] negative = data.inputs().get(nearest(data, weights, 0));
      for (int i = 0; i < weights.length; i++) {
        weights[i] += positive[i] - negative[i];
      }
    }
    Line through = Line.of(weights, 0);
    double low = through.sum(data.inputs().get(nearest(data, weights, 1)));
    double high = through.sum(data.inputs().get(nearest(data, weights, 0)));
    return Line.of(weights, -(low + high) / 2);
  }

  /** The observation of a class that lies least far, or farthest wrong, on its side. */
  private static int nearest(Observations data, double[] weights, int target) {
    Line line = Line.of(weights, 0);
    int nearest = -1;
    double least = 0;
    for (int j = 0; j < data.size(); j++) {
      if (data.targets().get(j) == target) {
        double sum = line.sum(data.inputs().get(j));
        double overlap = target == 1 ? sum : -sum;
        if (nearest < 0 || overlap < least) {
          nearest = j;
          least = overlap;
        }
      }
    }
    return nearest;
  }
}
