package org.backdraft.nn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.kernel.PointwiseFunction;

/**
 * Takes max pooling before the ReLU that it follows: {@code pool(relu(x)) = relu(pool(x))}, and
 * what flows back is the same too, to the bit. Where a window has a positive value its winner is
 * that of the rectified values; where it has none, nothing flows through either order. The ReLU
 * then goes over a fraction of the elements.
 *
 * <p>A ReLU behind a batch normalization or a sum stays: there it costs no pass of its own.
 */
public final class PoolingFirst {
  private PoolingFirst() {}

  /** The same function of the same parameters; the very network where nothing is to be changed. */
  public static Network of(Network network) {
    List<Network.Node> nodes = new ArrayList<>(network.nodes());
    Map<String, Integer> uses = new HashMap<>();
    nodes.forEach(node -> node.inputs().forEach(name -> uses.merge(name, 1, Integer::sum)));
    Map<String, Layer> layers = new HashMap<>();
    nodes.forEach(node -> layers.put(node.name(), node.layer()));
    boolean changed = false;
    for (int i = 0; i + 1 < nodes.size(); i++) {
      Network.Node relu = nodes.get(i);
      Network.Node pool = nodes.get(i + 1);
      if (isLoneRelu(relu, layers)
          && isMaxPool(pool.layer())
          && pool.inputs().equals(List.of(relu.name()))
          && uses.get(relu.name()) == 1) {
        // Others go on to find their input under the pooling's name: so layers change places.
        nodes.set(i, exchanged(relu, pool, relu.inputs(), pool));
        nodes.set(i + 1, exchanged(pool, relu, List.of(relu.name()), pool));
        changed = true;
      }
    }
    return changed ? new Network(network.name(), network.input(), nodes) : network;
  }

  private static Network.Node exchanged(
      Network.Node place, Network.Node what, List<String> inputs, Network.Node pool) {
    return new Network.Node(
        place.name(),
        what.layer(),
        inputs,
        pool.output(),
        List.of(),
        List.of(),
        what.multiplyAdds());
  }

  private static boolean isLoneRelu(Network.Node node, Map<String, Layer> layers) {
    return node.layer() instanceof Activation activation
        && activation.function() == PointwiseFunction.RELU
        && !(layers.get(node.inputs().get(0)) instanceof BatchNorm2d)
        && !(layers.get(node.inputs().get(0)) instanceof Sum);
  }

  private static boolean isMaxPool(Layer layer) {
    return layer instanceof MaxPool2d || layer instanceof MaxPool3d;
  }
}
