package org.backdraft.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterSpec.Role;
import org.backdraft.tensor.Shape;

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016): {@code y = (x − mean) / √(var + ε) · weight +
 * bias} with mean and (biased) variance of the example itself, in training and in evaluation alike.
 *
 * <p>Shapes: input and output {@code (c, h, w)} or {@code (c)}; weight and bias {@code (c)} over
 * channels, the input's shape over the example (PyTorch's {@code normalized_shape}).
 *
 * @param over what mean and variance are taken over
 * @param epsilon above 0
 */
public record LayerNorm(Over over, float epsilon) implements Layer {
  static final String TYPE = "layer_norm";

  private static final float EPSILON = 1e-5f;

  /** What mean and variance are taken over; for vectors both are the same. */
  public enum Over {
    /** The channels of each pixel. */
    CHANNELS,
    /** The whole example. */
    EXAMPLE;

    String configName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public LayerNorm {
    Checks.argument(
        epsilon > 0 && Float.isFinite(epsilon),
        "A layer_norm layer needs epsilon > 0: got %s.",
        epsilon);
  }

  /** Over channels, with ε = 1e-5. */
  public static LayerNorm overChannels() {
    return new LayerNorm(Over.CHANNELS, EPSILON);
  }

  /** Over the example, with ε = 1e-5. */
  public static LayerNorm overExample() {
    return new LayerNorm(Over.EXAMPLE, EPSILON);
  }

  static LayerNorm read(LayerAttributes attributes) {
    String over = attributes.choice("over", List.of("channels", "example"), "example");
    return new LayerNorm(
        over.equals("channels") ? Over.CHANNELS : Over.EXAMPLE,
        attributes.number("epsilon", EPSILON));
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("over", over.configName());
    attributes.put("epsilon", epsilon);
    return attributes;
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    return Inputs.activation(inputs);
  }

  @Override
  public List<ParameterSpec> parameters(List<Shape> inputs) {
    Shape input = inputs.get(0);
    Shape shape = over == Over.CHANNELS ? Shape.of(input.dim(0)) : input;
    return List.of(
        new ParameterSpec("weight", shape, Role.SCALE, 0, 0),
        new ParameterSpec("bias", shape, Role.SHIFT, 0, 0));
  }

  @Override
  public boolean makesNewValues() {
    return false;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return List.of(new LayerNormOperation(this, context));
  }
}
