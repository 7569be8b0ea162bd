package org.backdraft.nn;

import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Shape;

/**
 * Values behind each other along channels: {@code (c1, h, w), (c2, h, w), …} to {@code (c1 + c2 +
 * …, h, w)}; volumes and vectors likewise.
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
      Inputs.require(
          withChannels(input, 1).equals(withChannels(first, 1)),
          "inputs must have equal height and width: got %s.",
          inputs);
      channels += input.dim(0);
    }
    return withChannels(first, channels);
  }

  private static Shape withChannels(Shape shape, int channels) {
    int[] dims = shape.toArray();
    dims[0] = channels;
    return Shape.of(dims);
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
  public boolean rereadsOutput() {
    return false;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return List.of(new ConcatOperation(context));
  }
}
