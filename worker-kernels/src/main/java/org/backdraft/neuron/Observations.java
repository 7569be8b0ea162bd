package org.backdraft.neuron;

import java.util.Arrays;
import java.util.List;
import org.backdraft.tensor.Checks;

/**
 * What one neuron is to learn: points and, for each, whether its output is to be 1. Immutable.
 *
 * @param inputs points of one dimension, finite
 * @param targets 0 or 1 for each
 */
public record Observations(List<double[]> inputs, List<Integer> targets) {
  private static final List<double[]> SQUARE =
      List.of(new double[] {0, 0}, new double[] {0, 1}, new double[] {1, 0}, new double[] {1, 1});

  public Observations {
    Checks.argument(
        !inputs.isEmpty() && inputs.size() == targets.size(),
        "There must be a target for each observation, and at least one: got %d and %d.",
        targets.size(),
        inputs.size());
    int dimension = inputs.get(0).length;
    for (double[] each : inputs) {
      Checks.argument(
          each.length == dimension && Arrays.stream(each).allMatch(Double::isFinite),
          "Observations must have %d finite numbers each: got %s.",
          dimension,
          Arrays.toString(each));
    }
    for (int target : targets) {
      Checks.argument(target == 0 || target == 1, "A target must be 0 or 1: got %d.", target);
    }
    inputs = inputs.stream().map(double[]::clone).toList();
    targets = List.copyOf(targets);
  }

  /** x1 AND x2. */
  public static Observations and() {
    return new Observations(SQUARE, List.of(0, 0, 0, 1));
  }

  /** x1 OR x2. */
  public static Observations or() {
    return new Observations(SQUARE, List.of(0, 1, 1, 1));
  }

  /** NOT x1. */
  public static Observations not() {
    return new Observations(List.of(new double[] {0}, new double[] {1}), List.of(1, 0));
  }

  /** x1 XOR x2, which no line parts (Minsky and Papert 1969, <em>Perceptrons</em>). */
  public static Observations xor() {
    return new Observations(SQUARE, List.of(0, 1, 1, 0));
  }

  /** The four of the lecture's exercise, in its order: y = x1. */
  public static Observations exercise() {
    return new Observations(
        List.of(new double[] {0, 1}, new double[] {1, 0}, new double[] {1, 1}, new double[] {0, 0}),
        List.of(0, 1, 1, 0));
  }

  public int size() {
    return inputs.size();
  }

  /** The numbers of each observation. */
  public int dimension() {
    return inputs.get(0).length;
  }
}
