package org.backdraft.plan;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.nn.Network;

/**
 * The nodes that run in an evaluation: all that the network's output depends on, hence not those
 * that are there for the gradients of training alone, a teacher or an auxiliary branch.
 */
final class EvaluatedNodes {
  private EvaluatedNodes() {}

  /** Their numbers. */
  static BitSet of(Network network) {
    List<Network.Node> nodes = network.nodes();
    Map<String, Integer> positions = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      positions.put(nodes.get(i).name(), i);
    }
    BitSet evaluated = new BitSet();
    evaluated.set(nodes.size() - 1);
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (evaluated.get(i)) {
        List<String> inputs = nodes.get(i).inputs();
        int count = nodes.get(i).layer().evaluatedInputs(inputs.size());
        for (String input : inputs.subList(0, count)) {
          if (positions.containsKey(input)) {
            evaluated.set(positions.get(input));
          }
        }
      }
    }
    return evaluated;
  }
}
