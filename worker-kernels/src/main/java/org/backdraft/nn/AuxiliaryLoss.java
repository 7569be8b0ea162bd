package org.backdraft.nn;

import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * Has a second output learn too: takes (output, auxiliary output) of one shape and gives the first
 * one unchanged; in training the auxiliary output's gradient is that of {@code weight · loss} for
 * the same labels, or numbers. So a branch in the middle of a deep network brings gradients to the
 * layers below (Szegedy et al. 2015, <em>Going deeper with convolutions</em>, section 5, with
 * weight 0.3).
 *
 * <p>The loss that is reported is that of the output alone.
 *
 * @param weight above 0
 */
public record AuxiliaryLoss(float weight) implements Layer {
  static final String TYPE = "auxiliary_loss";

  private static final float WEIGHT = 0.3f;

  public AuxiliaryLoss {
    Checks.argument(
        weight > 0 && Float.isFinite(weight),
        "The weight of an auxiliary_loss must be above 0: got %s.",
        weight);
  }

  static AuxiliaryLoss read(LayerAttributes attributes) {
    return new AuxiliaryLoss(attributes.number("weight", WEIGHT));
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("weight", weight);
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    Inputs.require(
        inputs.size() == 2 && inputs.get(0).equals(inputs.get(1)),
        "must have an output and an auxiliary output of its shape: got %s.",
        inputs);
    Inputs.requireActivation(inputs.get(0));
    return inputs.get(0);
  }

  @Override
  public boolean makesNewValues() {
    return false;
  }

  @Override
  public int evaluatedInputs(int inputs) {
    return 1;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return List.of(new AuxiliaryLossOperation(weight, context));
  }
}
