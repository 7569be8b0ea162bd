package org.backdraft.driver;

import static org.backdraft.driver.ConfigurationException.checked;

import org.backdraft.data.DataSource;
import org.backdraft.loss.Loss;
import org.backdraft.loss.TargetLoss;
import org.backdraft.nn.Network;
import org.backdraft.optim.ParameterGroups;
import org.backdraft.optim.TensorRules;
import org.backdraft.tensor.Shape;

/** Builds the network for a data set and checks that the two fit. */
final class ModelFit {
  /** The most examples that a sum of floats counts. */
  private static final int MOST_COUNTED = 1 << 24;

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
    int targets = data.format().targets();
    ConfigurationException.require(
        targets == 0 || (output.isVector() && output.dim(0) == targets),
        "The model must have an output for each of the %d numbers to predict of %s: '%s' gives %s.",
        targets,
        data.uri(),
        network.name(),
        output);
    int labels = data.format().labels();
    ConfigurationException.require(
        output.elements() == output.dim(0) * labels && output.dim(0) >= classes,
        "The model must have an output for each of the %d classes of %s%s: '%s' gives %s.",
        classes,
        data.uri(),
        labels == 1 ? "" : " at each of " + labels + " pixels",
        network.name(),
        output);
    return network;
  }

  /**
   * @throws ConfigurationException if a pattern is for no parameter of the network, or the
   *     optimizer cannot treat parameters as it says
   */
  static void groups(TrainingConfig config, Network network) {
    ParameterGroups groups = config.parameterGroups();
    TensorRules unused =
        checked(
            () -> {
              groups.check(network.parameterTable(), network.bufferTable());
              return new TensorRules(config.optimizer().rule(), groups, network.parameterTable());
            });
  }

  /**
   * @throws ConfigurationException if the loss cannot compare outputs with the data's numbers
   */
  static void loss(Loss loss, DataSource data) {
    ConfigurationException.require(
        data.format().targets() == 0 || loss instanceof TargetLoss,
        "loss.name must be one that compares numbers for %s, such as mse: got %s.",
        data.uri(),
        loss.configName());
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
    ConfigurationException.require(
        batch <= MOST_COUNTED,
        "data.batch must be at most %d, up to which examples are counted without rounding: got %d.",
        MOST_COUNTED,
        batch);
  }
}
