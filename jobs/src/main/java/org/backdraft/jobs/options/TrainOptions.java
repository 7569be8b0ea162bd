package org.backdraft.jobs.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.jobs.config.ConfigLayers;
import org.backdraft.jobs.config.Recipe;
import org.backdraft.jobs.config.YamlDocument;
import picocli.CommandLine.Option;

/**
 * The options of {@code train} that decide the configuration. A later source wins: built-in values,
 * the recipe, the file, Spark's {@code spark.backdraft.*} settings, options; among options {@code
 * --set} wins.
 */
public final class TrainOptions {
  private static final String SPARK_PREFIX = "spark.backdraft.";

  @Option(names = "--recipe", paramLabel = "NAME", description = "Start from a recipe.")
  private String recipe;

  @Option(
      names = "--config",
      paramLabel = "FILE.yaml",
      description = "Settings from a file; over those of the recipe.")
  private Path config;

  @Option(
      names = "--model",
      paramLabel = "NAME|FILE.yaml",
      description = "The network: a name of the zoo or a file.")
  private String model;

  @Option(
      names = "--data",
      paramLabel = "URI",
      description = "Training data, format:location: digits: or idx:DIR.")
  private String data;

  @Option(
      names = "--val",
      paramLabel = "URI",
      description = "Validation data; else the test split of --data.")
  private String validation;

  @Option(names = "--epochs", paramLabel = "N", description = "Passes over the data.")
  private String epochs;

  @Option(names = "--batch", paramLabel = "N", description = "Examples of a global batch.")
  private String batch;

  @Option(names = "--lr", paramLabel = "X", description = "Learning rate.")
  private String learningRate;

  @Option(names = "--seed", paramLabel = "N", description = "Seed of all random numbers.")
  private String seed;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Workers; else 1 locally, one per executor on a cluster.")
  private String workers;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of each worker; else its share of the cores.")
  private String threads;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any configuration key; may be repeated.")
  private List<String> assignments = new ArrayList<>();

  /** Says that settings are those of a run that goes on, unless options change them. */
  public void resume(Path runConfig) {
    if (recipe != null || config != null) {
      throw new ConfigurationException(
          "--resume takes the run's own settings: leave out --recipe and --config.");
    }
    config = runConfig;
  }

  /**
   * The layers, from built-in values to options.
   *
   * @param properties of the system, where spark-submit puts Spark's settings
   * @throws ConfigurationException if a key is unknown or a value is not of its type
   */
  public ConfigLayers layers(Properties properties) {
    ConfigLayers layers = ConfigLayers.builtIn();
    if (recipe != null) {
      layers.set(Recipe.named(recipe).config());
    }
    if (config != null) {
      layers.set(YamlDocument.read(config));
    }
    sparkSettings(properties).forEach((key, value) -> layers.set(key, value, SPARK_PREFIX + key));
    set(layers, "model", model, "--model");
    set(layers, "data.train", data, "--data");
    set(layers, "data.val", validation, "--val");
    set(layers, "train.epochs", epochs, "--epochs");
    set(layers, "data.batch", batch, "--batch");
    set(layers, "optimizer.lr", learningRate, "--lr");
    set(layers, "train.seed", seed, "--seed");
    set(layers, "train.workers", workers, "--workers");
    set(layers, "train.threads", threads, "--threads");
    assignments.forEach(layers::assign);
    requireNeeds(layers);
    return layers;
  }

  /**
   * The lesson that the recipe is, if it is one.
   *
   * @throws ConfigurationException if there are settings besides, which a lesson does not take
   */
  public Optional<Recipe> lesson() {
    if (recipe == null || !Recipe.named(recipe).isLesson()) {
      return Optional.empty();
    }
    for (Object each :
        new Object[] {
          config, model, data, validation, epochs, batch, learningRate, seed, workers, threads
        }) {
      requireNone(each == null);
    }
    requireNone(assignments.isEmpty());
    return Optional.of(Recipe.named(recipe));
  }

  private void requireNone(boolean none) {
    if (!none) {
      throw new ConfigurationException(
          "Recipe '%s' is a lesson, which takes no settings: leave out all but --recipe, --out and"
                  .formatted(recipe)
              + " --json.");
    }
  }

  /** What the run is called: its recipe, else its model. */
  public String runName(ConfigLayers layers) {
    if (recipe != null) {
      return recipe;
    }
    String name = (String) layers.settings().get("model").value();
    return Path.of(name).getFileName().toString().replaceFirst("(:.*|\\.ya?ml)$", "");
  }

  /**
   * Refuses a run without the weights that it is to start with.
   *
   * @param hasStart whether there are any
   */
  public void requireStart(TrainingConfig config, boolean hasStart) {
    if (hasStart) {
      return;
    }
    if (needs().startsWith("--init-weights")) {
      throw new ConfigurationException("Recipe '%s' needs %s: add it.".formatted(recipe, needs()));
    }
    if (!config.init().freshNames().isEmpty()) {
      throw new ConfigurationException(
          "init.fresh is for runs that start with trained weights: add --init-weights, or leave it"
              + " out. Got init.fresh=%s.".formatted(config.init().fresh()));
    }
  }

  private String needs() {
    return recipe == null ? "" : Recipe.named(recipe).needs();
  }

  private void requireNeeds(ConfigLayers layers) {
    String needs = needs();
    if (needs.startsWith("--data") && layers.settings().get("data.train").isDefault()) {
      throw new ConfigurationException("Recipe '%s' needs %s: add it.".formatted(recipe, needs));
    }
  }

  private static void set(ConfigLayers layers, String key, String value, String option) {
    if (value != null) {
      layers.set(key, value, option);
    }
  }

  private static Map<String, String> sparkSettings(Properties properties) {
    Map<String, String> settings = new TreeMap<>();
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(SPARK_PREFIX)) {
        settings.put(name.substring(SPARK_PREFIX.length()), properties.getProperty(name));
      }
    }
    return settings;
  }
}
