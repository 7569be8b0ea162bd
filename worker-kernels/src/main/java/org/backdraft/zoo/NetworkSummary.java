package org.backdraft.zoo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.kernel.Window;
import org.backdraft.nn.Layer;
import org.backdraft.nn.Network;
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
      int receptiveFieldH,
      int receptiveFieldW,
      long multiplyAdds) {}

  /**
   * How an element of some layer sees the input: {@code size} pixels; its neighbours see the input
   * {@code jump} pixels further.
   */
  private record Field(int sizeH, int sizeW, int jumpH, int jumpW) {
    Field under(Window window) {
      return new Field(
          sizeH + window.dilationH() * (window.kernelH() - 1) * jumpH,
          sizeW + window.dilationW() * (window.kernelW() - 1) * jumpW,
          jumpH * window.strideH(),
          jumpW * window.strideW());
    }

    Field with(Field other) {
      return new Field(
          Math.max(sizeH, other.sizeH),
          Math.max(sizeW, other.sizeW),
          Math.max(jumpH, other.jumpH),
          Math.max(jumpW, other.jumpW));
    }
  }

  /** The summary of a network. */
  public static NetworkSummary of(Network network) {
    Field whole =
        network.input().isImage()
            ? new Field(network.input().dim(1), network.input().dim(2), 0, 0)
            : new Field(1, 1, 0, 0);
    Map<String, Field> fields = new HashMap<>();
    Map<String, Shape> shapes = new HashMap<>();
    fields.put(Network.INPUT, new Field(1, 1, 1, 1));
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
              field.sizeH(),
              field.sizeW(),
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
    boolean fromImage = inputs.stream().anyMatch(Shape::isImage);
    return fromImage || layer.multiplyAdds(inputs) > 0;
  }
}
