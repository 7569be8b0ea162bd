package org.backdraft.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.nn.Network;

/**
 * Which nodes write their output over their input: where nothing else reads the input, nor the node
 * that made it in its backward pass. That saves a place for each activation behind a convolution, a
 * linear layer or a pooling, and the way to memory and back.
 */
final class InPlace {
  private final Map<Integer, Integer> sources = new HashMap<>();
  private final List<String> addends;
  private final List<Network.Node> nodes;

  InPlace(Network network, List<FusedNodes> fused) {
    nodes = network.nodes();
    addends = fused.stream().map(FusedNodes::addend).flatMap(Optional::stream).toList();
    List<String> read = new ArrayList<>();
    nodes.forEach(node -> read.addAll(node.inputs()));
    Map<String, Integer> overwritable = new HashMap<>();
    for (FusedNodes each : fused) {
      Network.Node node = nodes.get(each.first());
      if (each.first() != each.last()) {
        continue; // What several nodes made together is read again by them.
      }
      if (node.layer().worksInPlace()) {
        String input = node.inputs().get(0);
        boolean isAlone = read.stream().filter(input::equals).count() == 1;
        if (isAlone && overwritable.containsKey(input)) {
          sources.put(each.last(), overwritable.get(input));
        }
      }
      if (!node.layer().rereadsOutput()) {
        overwritable.put(node.name(), each.last());
      }
    }
  }

  /** The node whose output this one overwrites, if it does. */
  Optional<Integer> source(int node) {
    return Optional.ofNullable(sources.get(node));
  }

  /**
   * Whether this node's gradient of its input may be written over that of its output: not where a
   * fused sum passes its gradient on to it, which others read.
   */
  boolean sharesGradient(int node) {
    return sources.containsKey(node) && !addends.contains(nodes.get(node).name());
  }
}
