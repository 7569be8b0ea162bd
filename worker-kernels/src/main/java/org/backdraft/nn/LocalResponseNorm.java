package org.backdraft.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.kernel.LocalResponse;
import org.backdraft.tensor.Shape;

/**
 * Local response normalisation over neighbouring channels (Krizhevsky, Sutskever and Hinton 2012,
 * <em>ImageNet classification with deep convolutional neural networks</em>, section 3.3), in
 * PyTorch's form and with its defaults, which divide alpha by the size of the window: see {@link
 * LocalResponse}.
 *
 * <p>Shapes: input and output {@code (c, h, w)}.
 */
public record LocalResponseNorm(LocalResponse settings) implements Layer {
  static final String TYPE = "local_response_norm";

  private static final float ALPHA = 1e-4f;
  private static final float BETA = 0.75f;
  private static final float K = 1;

  /** With alpha 1e-4, beta 0.75 and k 1. */
  public static LocalResponseNorm of(int size) {
    return new LocalResponseNorm(new LocalResponse(size, ALPHA, BETA, K));
  }

  /** The paper's constants: n = 5, k = 2, β = 0.75 and α = 1e-4 for each channel of the window. */
  public static LocalResponseNorm krizhevsky() {
    return new LocalResponseNorm(new LocalResponse(5, 5e-4f, 0.75f, 2));
  }

  static LocalResponseNorm read(LayerAttributes attributes) {
    return new LocalResponseNorm(
        new LocalResponse(
            attributes.integer("size"),
            attributes.number("alpha", ALPHA),
            attributes.number("beta", BETA),
            attributes.number("k", K)));
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("size", settings.size());
    attributes.put("alpha", settings.alpha());
    attributes.put("beta", settings.beta());
    attributes.put("k", settings.k());
    return attributes;
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    return Inputs.image(inputs);
  }

  @Override
  public boolean makesNewValues() {
    return false;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return List.of(new LocalResponseNormOperation(settings, context));
  }
}
