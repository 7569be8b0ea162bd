package org.backdraft.jobs.bench;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.backdraft.nn.Network;

/**
 * How many floating-point operations a training step needs, as arithmetic demands them, a
 * multiply-add counted as two: forward, the weights' gradient, and the input's gradient where
 * layers with weights stand before. Pointwise work and the update are not counted, as is the
 * custom.
 */
final class StepFlops {
  private StepFlops() {}

  /** Operations of forward and backward for one example. */
  static double perExample(Network network) {
    return 2 * (sum(forward(network), 0) + sum(backward(network), 0));
  }

  /**
   * Which share of these operations is done when the gradients of all parameters from one on are
   * final: the whole forward pass, and the backward pass down to the node that the parameter is of.
   *
   * @param parameter an element of the network's parameter table
   */
  static double doneWhenFinal(Network network, int parameter) {
    double[] forward = forward(network);
    double[] backward = backward(network);
    double all = sum(forward, 0) + sum(backward, 0);
    double done = sum(forward, 0) + sum(backward, nodeOf(network, parameter));
    return all == 0 ? 1 : done / all;
  }

  /**
   * Which share of these operations is done when the forward pass comes to the node that a
   * parameter is of.
   *
   * @param parameter an element of the network's parameter table
   */
  static double doneWhenNeeded(Network network, int parameter) {
    double[] forward = forward(network);
    double all = sum(forward, 0) + sum(backward(network), 0);
    double done = sum(forward, 0) - sum(forward, nodeOf(network, parameter));
    return all == 0 ? 0 : done / all;
  }

  private static int nodeOf(Network network, int parameter) {
    List<Network.Node> nodes = network.nodes();
    long end = 0;
    for (int i = 0; i < nodes.size(); i++) {
      end += nodes.get(i).parameters().stream().mapToLong(each -> each.shape().elements()).sum();
      if (parameter < end) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "A parameter must be one of %d: got %d.".formatted(end, parameter));
  }

  /** Multiply-adds of each node's forward pass. */
  private static double[] forward(Network network) {
    return network.nodes().stream().mapToDouble(Network.Node::multiplyAdds).toArray();
  }

  /** Multiply-adds of each node's backward pass. */
  private static double[] backward(Network network) {
    List<Network.Node> nodes = network.nodes();
    Set<String> needGradient = new HashSet<>();
    double[] multiplyAdds = new double[nodes.size()];
    for (int i = 0; i < multiplyAdds.length; i++) {
      Network.Node node = nodes.get(i);
      boolean inputNeedsGradient = node.inputs().stream().anyMatch(needGradient::contains);
      boolean learns = !node.parameters().isEmpty();
      int passes = (learns ? 1 : 0) + (inputNeedsGradient ? 1 : 0);
      multiplyAdds[i] = (double) passes * node.multiplyAdds();
      if (learns || inputNeedsGradient) {
        needGradient.add(node.name());
      }
    }
    return multiplyAdds;
  }

  private static double sum(double[] values, int from) {
    double sum = 0;
    for (int i = from; i < values.length; i++) {
      sum += values[i];
    }
    return sum;
  }
}
