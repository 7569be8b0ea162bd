package org.backdraft.neuron;

import org.backdraft.tensor.Checks;

/**
 * A neuron with the logistic activation, and its gradient by the chain rule as one does it by hand:
 * {@code z = w · x + b}, {@code a = 1 / (1 + e^−z)}, cost {@code C = ½ (a − y)²}, so {@code ∂C/∂z =
 * (a − y) · a · (1 − a)}, {@code ∂C/∂w = ∂C/∂z · x} and {@code ∂C/∂b = ∂C/∂z}.
 *
 * <p>The exercise of the lecture (S. Pujades, <em>Deep Learning: Perceptron, Gradient descent,
 * Multilayer Perceptron, Backprop, CNNs</em>) starts at {@link #exercise}. Not thread-safe.
 */
public final class LogisticNeuron {
  private final double[] weights;
  private double bias;

  public LogisticNeuron(double[] weights, double bias) {
    Checks.argument(weights.length >= 1, "A neuron must have at least one weight: got none.");
    this.weights = weights.clone();
    this.bias = bias;
  }

  /** w = (0.1, −0.2) and b = 0.2. */
  public static LogisticNeuron exercise() {
    return new LogisticNeuron(new double[] {0.1, -0.2}, 0.2);
  }

  /** The activation a. */
  public double output(double[] x) {
    return 1 / (1 + StrictMath.exp(-line().sum(x)));
  }

  /** ½ (a − y)². */
  public double cost(double[] x, int target) {
    double error = output(x) - target;
    return error * error / 2;
  }

  /** The mean cost of all observations. */
  public double cost(Observations data) {
    double sum = 0;
    for (int j = 0; j < data.size(); j++) {
      sum += cost(data.inputs().get(j), data.targets().get(j));
    }
    return sum / data.size();
  }

  /** ∂C/∂w, and ∂C/∂b behind it. */
  public double[] gradient(double[] x, int target) {
    double a = output(x);
    double delta = (a - target) * a * (1 - a);
    double[] gradient = new double[weights.length + 1];
    for (int i = 0; i < weights.length; i++) {
      gradient[i] = delta * x[i];
    }
    gradient[weights.length] = delta;
    return gradient;
  }

  /** One step of gradient descent on one observation. */
  public void learn(double[] x, int target, double rate) {
    double[] gradient = gradient(x, target);
    for (int i = 0; i < weights.length; i++) {
      weights[i] -= rate * gradient[i];
    }
    bias -= rate * gradient[weights.length];
  }

  /** One step on each observation, in order. */
  public void learn(Observations data, double rate) {
    for (int j = 0; j < data.size(); j++) {
      learn(data.inputs().get(j), data.targets().get(j), rate);
    }
  }

  /** Where it answers more than a half. */
  public Line line() {
    return Line.of(weights, bias);
  }
}
