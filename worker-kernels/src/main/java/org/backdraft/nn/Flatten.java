package org.backdraft.nn;

import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Shape;

/**
 * An image as a vector, in the logical order channels, rows, columns, so that the weights of the
 * next linear layer have the meaning that they have in PyTorch.
 *
 * <p>Shapes: input {@code (c, h, w)}, output {@code (c·h·w)}; volumes likewise, in the order
 * channels, planes, rows, columns; a vector stays as it is.
 */
public record Flatten() implements Layer {
  static final String TYPE = "flatten";

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
    return Shape.of(Inputs.activation(inputs).elements());
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
    return List.of(new FlattenOperation(context));
  }
}
