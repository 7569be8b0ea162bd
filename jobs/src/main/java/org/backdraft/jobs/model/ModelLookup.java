package org.backdraft.jobs.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.backdraft.driver.NetworkFactory;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.jobs.config.NearestKey;
import org.backdraft.jobs.config.YamlDocument;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkDescription;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;

/** Finds the network that {@code --model NAME|FILE.yaml} means. */
public final class ModelLookup {
  private ModelLookup() {}

  /**
   * A network that says what input it was made for.
   *
   * @param shape of the input
   * @param factory builds it
   */
  private record Sized(Shape shape, NetworkFactory factory) implements NetworkFactory {
    @Override
    public Network create(Shape input, int classes) {
      return factory.create(input, classes);
    }

    @Override
    public Optional<Shape> input() {
      return Optional.of(shape);
    }
  }

  /** A factory that always gives this network. */
  public static NetworkFactory always(Network network) {
    return new Sized(network.input(), (input, classes) -> network);
  }

  /**
   * A factory for that network; the file is read now, a network of the zoo is built when the data
   * is known.
   *
   * @throws ConfigurationException if there is no such network, or the file describes none
   */
  public static NetworkFactory factory(String model) {
    if (isFile(model)) {
      Network network = read(Path.of(model));
      return new Sized(network.input(), (input, classes) -> checked(network, input, classes));
    }
    requireKnown(model);
    return new Sized(
        ModelZoo.defaultInput(model), (input, classes) -> ModelZoo.create(model, input, classes));
  }

  /**
   * The network for an input of that shape, without data.
   *
   * @param input null for the shape that the network was made for
   */
  public static Network network(String model, Shape input) {
    try {
      if (isFile(model)) {
        Network network = read(Path.of(model));
        return input == null ? network : checked(network, input, network.output().dim(0));
      }
      requireKnown(model);
      return ModelZoo.create(
          model,
          input == null ? ModelZoo.defaultInput(model) : input,
          ModelZoo.defaultClasses(model));
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(e.getMessage(), e);
    }
  }

  /**
   * Reads a model file.
   *
   * @throws ConfigurationException if it describes no network
   */
  public static Network read(Path file) {
    return network(YamlDocument.read(file));
  }

  /** The network that a document describes; see {@link #read}. */
  static Network network(YamlDocument document) {
    try {
      return NetworkDescription.fromMap(document.root());
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("%s: %s".formatted(document.name(), e.getMessage()), e);
    }
  }

  private static boolean isFile(String model) {
    return model.endsWith(".yaml") || model.endsWith(".yml") || Files.isRegularFile(Path.of(model));
  }

  private static void requireKnown(String model) {
    String name = ModelZoo.nameOf(model);
    if (!ModelZoo.names().contains(name)) {
      throw new ConfigurationException(
          "No model is named '%s'. %s A model of your own is a FILE.yaml."
              .formatted(name, NearestKey.hint(name, ModelZoo.names())));
    }
    try {
      ModelZoo.check(model);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(e.getMessage(), e);
    }
  }

  private static Network checked(Network network, Shape input, int classes) {
    if (!network.input().equals(input)) {
      throw new ConfigurationException(
          "The model '%s' takes %s: the data has examples of %s. Change its 'input'."
              .formatted(network.name(), network.input(), input));
    }
    if (network.output().dim(0) != classes) {
      throw new ConfigurationException(
          "The model '%s' gives %s: the data has %d classes. Change its last layer."
              .formatted(network.name(), network.output(), classes));
    }
    return network;
  }
}
