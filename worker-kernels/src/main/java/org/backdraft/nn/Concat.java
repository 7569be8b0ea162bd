package org.backdraft.nn;

import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Shape;

/**
 * Values behind each other along channels: {@code (c1, h, w), (c2, h, w), …} to {@code (c1 + c2 +
 * …, h, w)}; vectors likewise.
 */
public record Concat() implements Layer {
  static final String TYPE = "concat";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of();
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    Inputs.require(inputs.size() >= 2, "must have at least two inputs: got %d.", inputs.size());
    Shape first = inputs.get(0);
    int channels = 0;
    for (Shape input : inputs) {
      Inputs.requireActivation(input);
      boolean fits =
          input.dims() == first.dims()
              && (input.isVector()
                  || (input.dim(1) == first.dim(1) && input.dim(2) == first.dim(2)));
      Inputs.require(fits, "inputs must have equal height and width: got %s.", inputs);
      channels += input.dim(0);
    }
    return first.isVector() ? Shape.of(channels) : Shape.of(channels, first.dim(1), first.dim(2));
  }

  @Override
  public boolean readsDenseInput() {
    return true;
  }

  @Override
  public boolean makesNewValues() {
    return false;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return List.of(new ConcatOperation(context));
  }
}
