package org.backdraft.nn;

import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * Dropout (Srivastava et al. 2014) in its inverted form: in training each element is 0 with
 * probability {@code rate}, else divided by {@code 1 − rate}; in evaluation the identity.
 *
 * <p>Which elements fall depends on seed, epoch, example id and the layer's position in the network
 * alone.
 *
 * @param rate in [0, 1)
 */
public record Dropout(float rate) implements Layer {
  static final String TYPE = "dropout";

  public Dropout {
    Checks.argument(
        rate >= 0 && rate < 1, "The rate of a dropout layer must be in [0, 1): got %s.", rate);
  }

  static Dropout read(LayerAttributes attributes) {
    return new Dropout(attributes.number("rate", 0.5f));
  }

  /** The same network, whose dropout layers let everything pass in training too. */
  public static Network withoutIn(Network network) {
    NetworkBuilder builder = Network.named(network.name(), network.input());
    for (Network.Node node : network.nodes()) {
      Layer layer = node.layer() instanceof Dropout ? new Dropout(0) : node.layer();
      builder.add(node.name(), layer, node.inputs().toArray(String[]::new));
    }
    return builder.build();
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("rate", rate);
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    return Inputs.activation(inputs);
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
    return List.of(new DropoutOperation(rate, context));
  }
}
