package org.backdraft.driver;

import static org.backdraft.driver.failure.ConfigurationException.checked;

import java.util.List;
import org.backdraft.data.DataSource;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.loss.Head;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.Loss;
import org.backdraft.loss.TargetLoss;
import org.backdraft.nn.Concat;
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
   * @param loss what outputs are compared by
   * @throws ConfigurationException if the network cannot take the data's shape or classes, or the
   *     loss cannot compare outputs with what the data has
   */
  static Network network(NetworkFactory networks, Loss loss, DataSource data) {
    int targets = data.format().targets();
    ConfigurationException.require(
        targets == 0 || loss instanceof TargetLoss || loss instanceof HeadLosses,
        "loss.name must be one that compares numbers for %s, such as mse: got %s.",
        data.uri(),
        loss.configName());
    int outputs = loss instanceof HeadLosses heads ? heads.outputs() : data.classes().size();
    Network network = create(networks, data, outputs);
    Shape output = network.output();
    ConfigurationException.require(
        network.input().equals(data.shape()),
        "The model must take examples of %s, as %s has: '%s' takes %s.",
        data.shape(),
        data.uri(),
        network.name(),
        network.input());
    if (loss instanceof HeadLosses heads) {
      heads(heads, network, data);
      return network;
    }
    ConfigurationException.require(
        targets == 0 || (output.isVector() && output.dim(0) == targets),
        "The model must have an output for each of the %d numbers to predict of %s: '%s' gives %s.",
        targets,
        data.uri(),
        network.name(),
        output);
    int labels = data.format().labels();
    ConfigurationException.require(
        output.elements() == output.dim(0) * labels && output.dim(0) >= outputs,
        "The model must have an output for each of the %d classes of %s%s: '%s' gives %s.",
        outputs,
        data.uri(),
        labels == 1 ? "" : " at each of " + labels + " pixels",
        network.name(),
        output);
    return network;
  }

  private static Network create(NetworkFactory networks, DataSource data, int outputs) {
    try {
      return networks.create(data.shape(), outputs);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "The model must fit examples of %s with %d classes, as %s has: %s"
              .formatted(data.shape(), outputs, data.uri(), e.getMessage()),
          e);
    }
  }

  /** Checks that heads find their outputs and their numbers. */
  private static void heads(HeadLosses heads, Network network, DataSource data) {
    ConfigurationException.require(
        data.format().targets() >= heads.targets(),
        "loss.heads must take numbers that examples of %s have, 1 to %d: got number %d.",
        data.uri(),
        data.format().targets(),
        heads.targets());
    Object unused =
        checked(
            () -> {
              heads.check(network.name(), network.output());
              return heads;
            });
    Network.Node last = network.nodes().get(network.nodes().size() - 1);
    List<String> names = heads.heads().stream().map(Head::name).toList();
    if (!(last.layer() instanceof Concat) || last.inputs().stream().noneMatch(names::contains)) {
      return;
    }
    ConfigurationException.require(
        last.inputs().equals(names),
        "The last layer of '%s' puts outputs of layers behind each other that have names of heads: it"
            + " must take all of them in the order of loss.heads, %s, but takes %s.",
        network.name(),
        names,
        last.inputs());
    for (Head head : heads.heads()) {
      int outputs = outputsOf(network, head.name());
      ConfigurationException.require(
          outputs == head.outputs(),
          "Layer '%s' of '%s' must have the %d outputs of its head in loss.heads: it has %d.",
          head.name(),
          network.name(),
          head.outputs(),
          outputs);
    }
  }

  private static int outputsOf(Network network, String node) {
    return network.nodes().stream()
        .filter(each -> each.name().equals(node))
        .mapToInt(each -> each.output().elements())
        .sum();
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
