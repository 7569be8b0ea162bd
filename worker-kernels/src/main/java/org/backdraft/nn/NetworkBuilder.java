package org.backdraft.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.Shape;

/** Builds a {@link Network} node by node; shapes are checked as each node is added. */
public final class NetworkBuilder {
  private final String name;
  private final Shape input;
  private final Map<String, Shape> shapes = new LinkedHashMap<>();
  private final List<Network.Node> nodes = new ArrayList<>();
  private String last = Network.INPUT;

  NetworkBuilder(String name, Shape input) {
    this.name = name;
    this.input = input;
    shapes.put(Network.INPUT, input);
  }

  /** Adds a layer that takes the output of the node added before it (or the input). */
  public NetworkBuilder add(String name, Layer layer) {
    return add(name, layer, last);
  }

  /**
   * Adds a layer that takes the outputs of the named nodes.
   *
   * @throws ShapeException if it cannot take their shapes
   * @throws IllegalArgumentException if the name is taken or an input is not known
   */
  public NetworkBuilder add(String name, Layer layer, String... inputs) {
    Checks.argument(!shapes.containsKey(name), "A layer's name must be new: '%s' is taken.", name);
    List<Shape> inputShapes = new ArrayList<>();
    for (String each : inputs) {
      Shape shape = shapes.get(each);
      Checks.argument(
          shape != null,
          "Layer '%s' must take layers that stand before it: got '%s', there are %s.",
          name,
          each,
          shapes.keySet());
      inputShapes.add(shape);
    }
    Shape output;
    try {
      output = layer.outputShape(inputShapes);
    } catch (ShapeException e) {
      throw new ShapeException(
          "%s '%s' of %s: %s".formatted(layer.type(), name, this.name, e.getMessage()));
    }
    shapes.put(name, output);
    nodes.add(
        new Network.Node(
            name,
            layer,
            List.of(inputs),
            output,
            named(name, layer.parameters(inputShapes)),
            named(name, layer.buffers(inputShapes)),
            layer.multiplyAdds(inputShapes)));
    last = name;
    return this;
  }

  /** The shape of the output of the node added last, or of the input. */
  public Shape output() {
    return shapes.get(last);
  }

  /** The network; its output is the node added last. */
  public Network build() {
    Checks.argument(!nodes.isEmpty(), "Network '%s' must have at least one layer.", name);
    return new Network(name, input, nodes);
  }

  private static List<ParameterSpec> named(String node, List<ParameterSpec> specs) {
    return specs.stream()
        .map(
            s ->
                new ParameterSpec(
                    node + "." + s.name(), s.shape(), s.role(), s.fanIn(), s.fanOut()))
        .toList();
  }
}
