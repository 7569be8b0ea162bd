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
 * @param slope the k of functions that have one, finite; 1 for all others
 */
public record Activation(PointwiseFunction function, float slope) implements Layer {
  /** The slope of leaky_relu where none is given: PyTorch's. */
  private static final float LEAK = 0.01f;

  public Activation {
    Checks.argument(
        Float.isFinite(slope) && (slope == 1 || function.hasSlope()),
        "Only logistic and leaky_relu have a slope, which must be finite: got %s with %s.",
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

  /** The tanh form of GELU. */
  public static Activation geluTanh() {
    return of(PointwiseFunction.GELU_TANH);
  }

  /** {@code min(max(0, x), 6)}. */
  public static Activation relu6() {
    return of(PointwiseFunction.RELU6);
  }

  /** {@code x < 0 ? slope · x : x}. */
  public static Activation leakyRelu(float slope) {
    return new Activation(PointwiseFunction.LEAKY_RELU, slope);
  }

  /** 1 where {@code x >= 0}, else 0. */
  public static Activation step() {
    return of(PointwiseFunction.STEP);
  }

  static String typeOf(PointwiseFunction function) {
    return function.name().toLowerCase(Locale.ROOT);
  }

  static Activation read(PointwiseFunction function, LayerAttributes attributes) {
    if (!function.hasSlope()) {
      return of(function);
    }
    float usual = function == PointwiseFunction.LEAKY_RELU ? LEAK : 1;
    return new Activation(function, attributes.number("slope", usual));
  }

  @Override
  public String type() {
    return typeOf(function);
  }

  @Override
  public Map<String, Object> attributes() {
    return function.hasSlope() ? Map.of("slope", slope) : Map.of();
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    return Inputs.activation(inputs);
  }

  @Override
  public boolean makesNewValues() {
    return false;
  }

  /**
   * ReLU's derivative follows from its output, and what overflowed in its input is still seen
   * there; bounded functions would hide which layer did.
   */
  @Override
  public boolean worksInPlace() {
    return function == PointwiseFunction.RELU;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return List.of(new ActivationOperation(this, context));
  }
}
