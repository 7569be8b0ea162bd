package org.backdraft.jobs.bench;

import java.util.HashSet;
import java.util.Set;
import org.backdraft.nn.Network;

/** How many floating-point operations a training step needs, as arithmetic demands them. */
final class StepFlops {
  private StepFlops() {}

  /**
   * Operations of forward and backward for one example, a multiply-add counted as two: forward, the
   * weights' gradient, and the input's gradient where layers with weights stand before. Pointwise
   * work and the update are not counted, as is the custom.
   */
  static double perExample(Network network) {
    Set<String> needGradient = new HashSet<>();
    double multiplyAdds = 0;
    for (Network.Node node : network.nodes()) {
      boolean inputNeedsGradient = node.inputs().stream().anyMatch(needGradient::contains);
      boolean learns = !node.parameters().isEmpty();
      int passes = 1 + (learns ? 1 : 0) + (inputNeedsGradient ? 1 : 0);
      multiplyAdds += (double) passes * node.multiplyAdds();
      if (learns || inputNeedsGradient) {
        needGradient.add(node.name());
      }
    }
    return 2 * multiplyAdds;
  }
}
