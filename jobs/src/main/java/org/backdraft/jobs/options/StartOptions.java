package org.backdraft.jobs.options;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.Weights;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.spark.SparkClusters;
import org.backdraft.jobs.model.InitialWeights;
import picocli.CommandLine.Option;

/**
 * Where a training runs, and what it starts with: options that are no part of its configuration.
 */
public final class StartOptions {
  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark master; else spark-submit's, else this machine.")
  private String master;

  @Option(
      names = "--init-weights",
      paramLabel = "FILE.safetensors|RUN",
      description =
          "Start with these weights, but for what init.fresh names, not with random ones.")
  private Path initialWeights;

  /** The URL as it was given. */
  public Optional<String> master() {
    return Optional.ofNullable(master);
  }

  public boolean hasWeights() {
    return initialWeights != null;
  }

  /** Where the weights are from, as it was given. */
  public Optional<String> weightsPath() {
    return Optional.ofNullable(initialWeights).map(Path::toString);
  }

  public Cluster.Provider clusters() {
    return new SparkClusters(master(), Runtime.getRuntime().availableProcessors());
  }

  /**
   * What to start with, if it was given.
   *
   * @param notes told what starts anew
   */
  public Optional<Weights.Source> weights(TrainingConfig config, Consumer<String> notes) {
    return Optional.ofNullable(initialWeights).map(from -> new InitialWeights(from, config, notes));
  }
}
