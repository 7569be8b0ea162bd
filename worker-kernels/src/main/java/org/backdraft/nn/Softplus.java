package org.backdraft.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * {@code log(1 + e^(beta · x)) / beta} for each element, a smooth form of ReLU (Dugas et al. 2001);
 * x itself where {@code beta · x > threshold}, as in PyTorch.
 *
 * @param beta above 0
 * @param threshold any number; beyond 80 the two forms have the same bits
 */
public record Softplus(float beta, float threshold) implements Layer {
  static final String TYPE = "softplus";

  private static final float BETA = 1;
  private static final float THRESHOLD = 20;

  public Softplus {
    Checks.argument(
        beta > 0 && Float.isFinite(beta) && !Float.isNaN(threshold),
        "A softplus layer needs beta > 0 and a threshold: got %s and %s.",
        beta,
        threshold);
  }

  /** With beta 1 and threshold 20. */
  public Softplus() {
    this(BETA, THRESHOLD);
  }

  static Softplus read(LayerAttributes attributes) {
    return new Softplus(attributes.number("beta", BETA), attributes.number("threshold", THRESHOLD));
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("beta", beta);
    attributes.put("threshold", threshold);
    return attributes;
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
  public List<Operation> compile(OperationContext context) {
    return List.of(new SoftplusOperation(this, context));
  }
}
