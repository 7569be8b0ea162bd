package org.backdraft.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterSpec.Role;
import org.backdraft.tensor.Shape;

/**
 * An affine map: {@code y[o] = bias[o] + Σ_i x[i] · weight[o][i]}, one chain of fused multiply-adds
 * over i.
 *
 * <p>Shapes: input {@code (in)}, weight {@code (out, in)}, bias {@code (out)}, output {@code
 * (out)}.
 *
 * @param out output features, at least 1
 * @param bias whether a bias is added
 */
public record Linear(int out, boolean bias) implements Layer {
  static final String TYPE = "linear";

  public Linear {
    Checks.argument(out >= 1, "A linear layer needs at least 1 output: got %d.", out);
  }

  /** A linear layer with a bias. */
  public static Linear of(int out) {
    return new Linear(out, true);
  }

  /** The same without a bias. */
  public Linear withoutBias() {
    return new Linear(out, false);
  }

  static Linear read(LayerAttributes attributes) {
    return new Linear(attributes.integer("out"), attributes.flag("bias", true));
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("out", out);
    attributes.put("bias", bias);
    return attributes;
  }

  private static int features(List<Shape> inputs) {
    Shape input = Inputs.only(inputs);
    Inputs.require(
        input.isVector(),
        "input must be a vector (features): got %s. Put a flatten layer before it.",
        input);
    return input.dim(0);
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    features(inputs);
    return Shape.of(out);
  }

  @Override
  public List<ParameterSpec> parameters(List<Shape> inputs) {
    int in = features(inputs);
    ParameterSpec weight = new ParameterSpec("weight", Shape.of(out, in), Role.WEIGHT, in, out);
    return bias
        ? List.of(weight, new ParameterSpec("bias", Shape.of(out), Role.BIAS, in, out))
        : List.of(weight);
  }

  @Override
  public long multiplyAdds(List<Shape> inputs) {
    return (long) features(inputs) * out;
  }

  @Override
  public boolean readsDenseInput() {
    return true;
  }

  @Override
  public boolean rereadsOutput() {
    return false;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return List.of(new LinearOperation(this, context));
  }
}
