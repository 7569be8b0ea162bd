package org.backdraft.neuron;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Checks;

/**
 * Rosenblatt's perceptron (1958, <em>The perceptron: a probabilistic model for information storage
 * and organization in the brain</em>): its output is 1 where {@code w · x + b > 0}, else 0, and
 * after each observation {@code w += r · (d − y) · x} and {@code b += r · (d − y)}. Starts at zero.
 *
 * <p>Where a line parts the observations, the rule finds one after finitely many updates (Novikoff
 * 1962). Where none does it never ends: a limit ends it. Observations come in the same order again
 * and again, so weights that were there before prove that it would go round for ever.
 */
public final class Perceptron {
  private final double rate;
  private final int mostEpochs;

  /** How learning ended. */
  public enum End {
    /** No mistake is left. */
    SEPARATED,
    /** The weights at an epoch's end were there before: no line parts the observations. */
    NOT_SEPARABLE,
    /** The limit came first; whether a line parts the observations is not known. */
    LIMIT
  }

  /**
   * What was learned.
   *
   * @param epochs passes over the observations, the one without an update included
   * @param updates observations that were answered wrongly on the way
   * @param mistakes observations that the line answers wrongly now
   * @param period epochs after which the weights repeat, for {@link End#NOT_SEPARABLE}; else 0
   */
  public record Outcome(End end, Line line, int epochs, int updates, int mistakes, int period) {}

  /**
   * A perceptron that has not learned yet.
   *
   * @param rate r, above 0
   * @param mostEpochs the limit, at least 1
   */
  public Perceptron(double rate, int mostEpochs) {
    Checks.argument(
        rate > 0 && Double.isFinite(rate), "The learning rate must be above 0: got %s.", rate);
    Checks.argument(mostEpochs >= 1, "The limit must be at least 1 epoch: got %d.", mostEpochs);
    this.rate = rate;
    this.mostEpochs = mostEpochs;
  }

  /** Learns until it makes no mistake, or the weights repeat, or the limit. */
  public Outcome learn(Observations data) {
    double[] weights = new double[data.dimension()];
    double bias = 0;
    int updates = 0;
    Map<List<Double>, Integer> seen = new HashMap<>();
    seen.put(state(weights, bias), 0);
    for (int epoch = 1; epoch <= mostEpochs; epoch++) {
      int before = updates;
      for (int j = 0; j < data.size(); j++) {
        double[] x = data.inputs().get(j);
        int error = data.targets().get(j) - Line.of(weights, bias).output(x);
        if (error != 0) {
          for (int i = 0; i < x.length; i++) {
            weights[i] += rate * error * x[i];
          }
          bias += rate * error;
          updates++;
        }
      }
      Line line = Line.of(weights, bias);
      if (updates == before) {
        return new Outcome(End.SEPARATED, line, epoch, updates, 0, 0);
      }
      Integer earlier = seen.put(state(weights, bias), epoch);
      if (earlier != null) {
        return new Outcome(
            End.NOT_SEPARABLE, line, epoch, updates, line.mistakes(data), epoch - earlier);
      }
    }
    Line line = Line.of(weights, bias);
    return new Outcome(End.LIMIT, line, mostEpochs, updates, line.mistakes(data), 0);
  }

  private static List<Double> state(double[] weights, double bias) {
    List<Double> state = new ArrayList<>();
    for (double weight : weights) {
      state.add(weight + 0.0); // −0 is 0
    }
    state.add(bias + 0.0);
    return state;
  }
}
