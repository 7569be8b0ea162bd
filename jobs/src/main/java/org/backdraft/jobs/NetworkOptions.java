package org.backdraft.jobs;

import org.backdraft.jobs.model.ModelLookup;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import picocli.CommandLine.Option;

/** The network that a command without data is about. */
final class NetworkOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "NAME|FILE.yaml",
      description = "The network.")
  private String model;

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      converter = ShapeConverter.class,
      description = "Shape of an example; else what the network was made for.")
  private Shape input;

  /** The network. */
  Network network() {
    return ModelLookup.network(model, input);
  }
}
