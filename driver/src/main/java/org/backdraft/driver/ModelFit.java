package org.backdraft.driver;

import org.backdraft.data.DataSource;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;

/** Builds the network for a data set and checks that the two fit. */
final class ModelFit {
  private ModelFit() {}

  /**
   * @throws ConfigurationException if the network cannot take the data's shape or classes
   */
  static Network network(NetworkFactory networks, DataSource data) {
    int classes = data.classes().size();
    Network network;
    try {
      network = networks.create(data.shape(), classes);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "The model must fit examples of %s with %d classes, as %s has: %s"
              .formatted(data.shape(), classes, data.uri(), e.getMessage()),
          e);
    }
    Shape output = network.output();
    ConfigurationException.require(
        network.input().equals(data.shape()),
        "The model must take examples of %s, as %s has: '%s' takes %s.",
        data.shape(),
        data.uri(),
        network.name(),
        network.input());
    ConfigurationException.require(
        output.isVector() && output.dim(0) >= classes,
        "The model must have an output for each of the %d classes of %s: '%s' gives %s.",
        classes,
        data.uri(),
        network.name(),
        output);
    return network;
  }

  /**
   * @throws ConfigurationException if a global batch is larger than the training set
   */
  static void batch(int batch, int examples) {
    ConfigurationException.require(
        batch <= examples,
        "data.batch must be at most the number of training examples (%d): got %d.",
        examples,
        batch);
  }
}
