package org.backdraft.neuron;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Where a neuron decides: it answers 1 for points with {@code w · x + b > 0}.
 *
 * @param weights w
 * @param bias b
 */
public record Line(List<Double> weights, double bias) {
  static Line of(double[] weights, double bias) {
    return new Line(Arrays.stream(weights).boxed().toList(), bias);
  }

  /** {@code w · x + b}. */
  public double sum(double[] x) {
    double sum = bias;
    for (int i = 0; i < x.length; i++) {
      sum += weights.get(i) * x[i];
    }
    return sum;
  }

  /** 1 on the positive side, else 0. */
  public int output(double[] x) {
    return sum(x) > 0 ? 1 : 0;
  }

  /** How many observations are on the wrong side. */
  public int mistakes(Observations data) {
    int mistakes = 0;
    for (int j = 0; j < data.size(); j++) {
      mistakes += output(data.inputs().get(j)) == data.targets().get(j) ? 0 : 1;
    }
    return mistakes;
  }

  /**
   * The distance of the nearest observation to the line, negative where one is on the wrong side:
   * the least of {@code ±(w · x + b) / |w|}. 0 where w is 0, which parts nothing.
   */
  public double margin(Observations data) {
    double squares = 0;
    for (double weight : weights) {
      squares += weight * weight;
    }
    double least = Double.POSITIVE_INFINITY;
    for (int j = 0; j < data.size(); j++) {
      double sum = sum(data.inputs().get(j));
      least = Math.min(least, data.targets().get(j) == 1 ? sum : -sum);
    }
    return squares == 0 ? 0 : least / StrictMath.sqrt(squares);
  }

  /** {@code 1 x1 + 2 x2 - 3 > 0}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < weights.size(); i++) {
      text.append(term(weights.get(i), i == 0)).append(" x").append(i + 1);
    }
    return text.append(term(bias, false)).append(" > 0").toString();
  }

  private static String term(double value, boolean first) {
    String number = String.format(Locale.ROOT, "%.6g", Math.abs(value));
    String digits = number.contains(".") ? number.replaceAll("\\.?0+$", "") : number;
    if (first) {
      return value < 0 ? "-" + digits : digits;
    }
    return (value < 0 ? " - " : " + ") + digits;
  }
}
