package org.backdraft.nn;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.backdraft.kernel.PointwiseFunction;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * A function of one variable, applied to each element: see {@link PointwiseFunction}.
 *
 * @param slope the k of the logistic function, finite; 1 for all others
 */
public record Activation(PointwiseFunction function, float slope) implements Layer {
  public Activation {
    Checks.argument(
        Float.isFinite(slope) && (slope == 1 || function == PointwiseFunction.LOGISTIC),
        "Only the logistic function has a slope, which must be finite: got %s with %s.",
        function,
        slope);
  }

  /** A function with slope 1. */
  public static Activation of(PointwiseFunction function) {
    return new Activation(function, 1);
  }

  /** {@code max(0, x)}. */
  public static Activation relu() {
    return of(PointwiseFunction.RELU);
  }

  /** {@code 1 / (1 + e^(−slope·x))}. */
  public static Activation logistic(float slope) {
    return new Activation(PointwiseFunction.LOGISTIC, slope);
  }

  /** {@code tanh x}. */
  public static Activation tanh() {
    return of(PointwiseFunction.TANH);
  }

  /** {@code x·Φ(x)}. */
  public static Activation gelu() {
    return of(PointwiseFunction.GELU);
  }

  /** 1 where {@code x >= 0}, else 0. */
  public static Activation step() {
    return of(PointwiseFunction.STEP);
  }

  static String typeOf(PointwiseFunction function) {
    return function.name().toLowerCase(Locale.ROOT);
  }

  static Activation read(PointwiseFunction function, LayerAttributes attributes) {
    return new Activation(
        function, function == PointwiseFunction.LOGISTIC ? attributes.number("slope", 1) : 1);
  }

  @Override
  public String type() {
    return typeOf(function);
  }

  @Override
  public Map<String, Object> attributes() {
    return function == PointwiseFunction.LOGISTIC ? Map.of("slope", slope) : Map.of();
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    return Inputs.activation(inputs);
  }

  @Override
  public boolean makesNewValues() {
    return false;
  }

  @Override
  public Operation compile(OperationContext context) {
    return new ActivationOperation(this, context);
  }
}
