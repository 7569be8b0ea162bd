package org.backdraft.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.kernel.PointwiseFunction;
import org.backdraft.nn.Activation;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Network;
import org.backdraft.nn.Sum;

/**
 * Neighbours in a network that run as one: a batch normalisation with the sum of two and the ReLU
 * that follow it, where nothing else reads what lies between. Every other node is alone.
 *
 * @param first the node whose layer is compiled
 * @param last the node whose output leaves; {@code first} where it is alone
 * @param addend the node (or the network's input) that the sum adds, if there is one
 * @param rectified whether the last node is a ReLU
 */
record FusedNodes(int first, int last, Optional<String> addend, boolean rectified) {
  /** All nodes of the network, in order. */
  static List<FusedNodes> of(Network network) {
    List<Network.Node> nodes = network.nodes();
    Map<String, Integer> uses = new HashMap<>();
    for (Network.Node node : nodes) {
      node.inputs().forEach(name -> uses.merge(name, 1, Integer::sum));
    }
    List<FusedNodes> all = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i = all.get(all.size() - 1).last() + 1) {
      all.add(startingAt(i, nodes, uses));
    }
    return List.copyOf(all);
  }

  private static FusedNodes startingAt(
      int first, List<Network.Node> nodes, Map<String, Integer> uses) {
    int last = first;
    Optional<String> addend = Optional.empty();
    boolean rectified = false;
    if (nodes.get(first).layer() instanceof BatchNorm2d) {
      if (isOnlyRead(last, nodes, uses) && nodes.get(last + 1).layer() instanceof Sum) {
        List<String> summands = nodes.get(last + 1).inputs();
        if (summands.size() == 2) {
          int other = summands.get(0).equals(nodes.get(last).name()) ? 1 : 0;
          addend = Optional.of(summands.get(other));
          last++;
        }
      }
      if (isOnlyRead(last, nodes, uses)
          && nodes.get(last + 1).layer() instanceof Activation activation
          && activation.function() == PointwiseFunction.RELU) {
        rectified = true;
        last++;
      }
    }
    return new FusedNodes(first, last, addend, rectified);
  }

  /** Whether the next node reads node i, once, and no other does. */
  private static boolean isOnlyRead(int i, List<Network.Node> nodes, Map<String, Integer> uses) {
    String name = nodes.get(i).name();
    return i + 1 < nodes.size() && nodes.get(i + 1).inputs().contains(name) && uses.get(name) == 1;
  }

  /** The first parameter of each of {@code fused}, then the number of parameters. */
  static int[] parameterBegins(Network network, List<FusedNodes> fused) {
    int[] begins = new int[fused.size() + 1];
    for (int i = 0; i < fused.size(); i++) {
      begins[i + 1] = begins[i];
      for (int node = fused.get(i).first(); node <= fused.get(i).last(); node++) {
        begins[i + 1] +=
            network.nodes().get(node).parameters().stream()
                .mapToInt(spec -> spec.shape().elements())
                .sum();
      }
    }
    return begins;
  }

  /** Whether the backward pass ends in sums over all examples. */
  boolean sums(Network network) {
    Network.Node node = network.nodes().get(first);
    return !node.parameters().isEmpty() && !(node.layer() instanceof BatchNorm2d);
  }
}
