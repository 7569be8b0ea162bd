package org.backdraft.jobs.options;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.jobs.model.ModelLookup;
import org.backdraft.jobs.model.TrainedModel;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import picocli.CommandLine.Option;

/** The network that a command without data is about. */
public final class NetworkOptions {
  private static final String WEIGHTS = ".safetensors";

  @Option(
      names = "--model",
      required = true,
      paramLabel = "NAME|FILE.yaml|RUN",
      description = "The network: of the zoo, a model file, a run folder or FILE.safetensors.")
  private String model;

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      converter = ShapeConverter.class,
      description = "Shape of an example; else what the network was made for.")
  private Shape input;

  /**
   * A network.
   *
   * @param classes what its outputs are called, if it has been trained
   */
  public record Named(Network network, List<String> classes) {}

  /** The network. */
  public Network network() {
    return named().network();
  }

  /** The network, with the names that a trained one has for its classes. */
  public Named named() {
    Optional<TrainedModel> trained = trained();
    if (trained.isEmpty()) {
      return new Named(ModelLookup.network(model, input), List.of());
    }
    Network network = trained.get().network();
    if (input != null && !input.equals(network.input())) {
      throw new ConfigurationException(
          "--input must be what the trained model takes, %s: got %s. Leave it out."
              .formatted(network.input(), input));
    }
    return new Named(network, trained.get().data().classes());
  }

  private Optional<TrainedModel> trained() {
    Path path = Path.of(model);
    if (!Files.isRegularFile(path.resolve(TrainedModel.WEIGHTS_FILE)) && !model.endsWith(WEIGHTS)) {
      return Optional.empty();
    }
    try {
      return Optional.of(TrainedModel.read(path));
    } catch (IOException e) {
      throw new ConfigurationException(
          "--model must be a network, or a run with one: '%s' cannot be read: %s"
              .formatted(model, e.getMessage()),
          e);
    }
  }
}
