package org.backdraft.zoo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.nn.Layer;
import org.backdraft.nn.Network;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.Shape;

/**
 * What can be said of a network without running it: one row for each layer, and totals.
 *
 * @param parameters learned values
 * @param activations new values for one example, see {@link Row#activations}
 * @param multiplyAdds of a forward pass of one example
 */
public record NetworkSummary(
    String name,
    Shape input,
    List<Row> layers,
    long parameters,
    long activations,
    long multiplyAdds) {
  /**
   * One layer.
   *
   * @param output its shape
   * @param parameters learned values
   * @param activations elements of the output; 0 for layers that reshape their input or transform
   *     it element by element (activation functions, dropout, batch normalisation, flatten, concat)
   * @param receptiveFieldD planes of the input that one element of the output sees, padding
   *     included; 1 for images
   * @param receptiveFieldH rows of the input that one element of the output sees, padding included;
   *     all rows behind a linear or flatten layer
   * @param receptiveFieldW likewise columns
   */
  public record Row(
      String name,
      String type,
      Shape output,
      long parameters,
      long activations,
      int receptiveFieldD,
      int receptiveFieldH,
      int receptiveFieldW,
      long multiplyAdds) {}

  /**
   * How an element of some layer sees the input: {@code size} pixels; its neighbours see the input
   * {@code jump} pixels further.
   */
  private record Field(AxisField depth, AxisField height, AxisField width) {
    static Field all(AxisField axis) {
      return new Field(axis, axis, axis);
    }

    static Field whole(Shape shape) {
      ActivationLayout layout = ActivationLayout.dense(shape);
      return new Field(
          new AxisField(layout.depth(), 0),
          new AxisField(layout.height(), 0),
          new AxisField(layout.width(), 0));
    }

    Field under(Window window) {
      return new Field(
          depth.under(window.depth()), height.under(window.height()), width.under(window.width()));
    }

    Field with(Field other) {
      return new Field(depth.with(other.depth), height.with(other.height), width.with(other.width));
    }
  }

  /** A field along one axis. */
  private record AxisField(int size, int jump) {
    AxisField under(WindowAxis axis) {
      return new AxisField(size + axis.reach() * jump, jump * axis.stride());
    }

    AxisField with(AxisField other) {
      return new AxisField(Math.max(size, other.size), Math.max(jump, other.jump));
    }
  }

  /** The summary of a network. */
  public static NetworkSummary of(Network network) {
    Field whole = Field.whole(network.input());
    Map<String, Field> fields = new HashMap<>();
    Map<String, Shape> shapes = new HashMap<>();
    fields.put(Network.INPUT, Field.all(new AxisField(1, 1)));
    shapes.put(Network.INPUT, network.input());
    List<Row> rows = new ArrayList<>();
    long parameters = 0;
    long activations = 0;
    long multiplyAdds = 0;
    for (Network.Node node : network.nodes()) {
      Layer layer = node.layer();
      List<Shape> inputs = node.inputs().stream().map(shapes::get).toList();
      Field field = node.inputs().stream().map(fields::get).reduce(Field::with).orElse(whole);
      Optional<Window> window = layer.window(inputs);
      if (window.isPresent()) {
        field = field.under(window.get());
      } else if (node.output().isVector() && mixes(layer, inputs)) {
        field = whole;
      }
      fields.put(node.name(), field);
      shapes.put(node.name(), node.output());
      long own = 0;
      for (ParameterSpec spec : node.parameters()) {
        own += spec.shape().elements();
      }
      long values = layer.makesNewValues() ? node.output().elements() : 0;
      rows.add(
          new Row(
              node.name(),
              layer.type(),
              node.output(),
              own,
              values,
              field.depth().size(),
              field.height().size(),
              field.width().size(),
              node.multiplyAdds()));
      parameters += own;
      activations += values;
      multiplyAdds += node.multiplyAdds();
    }
    return new NetworkSummary(
        network.name(), network.input(), List.copyOf(rows), parameters, activations, multiplyAdds);
  }

  /**
   * Whether every element of the output sees more than one element of the input: linear, flatten.
   */
  private static boolean mixes(Layer layer, List<Shape> inputs) {
    boolean fromImage = inputs.stream().anyMatch(shape -> !shape.isVector());
    return fromImage || layer.multiplyAdds(inputs) > 0;
  }
}
