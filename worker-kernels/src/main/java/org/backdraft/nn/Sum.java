package org.backdraft.nn;

import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Shape;

/**
 * The sum of two or more values of the same shape, added from left to right: where a residual
 * branch (He et al. 2016) meets its shortcut.
 */
public record Sum() implements Layer {
  static final String TYPE = "sum";

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
    for (Shape input : inputs) {
      Inputs.requireActivation(input);
      Inputs.require(input.equals(inputs.get(0)), "inputs must have one shape: got %s.", inputs);
    }
    return inputs.get(0);
  }

  @Override
  public boolean rereadsOutput() {
    return false;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return List.of(new SumOperation(context));
  }
}
