package org.backdraft.driver;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.backdraft.data.BadRecordRule;
import org.backdraft.data.DataException;
import org.backdraft.data.DataSource;
import org.backdraft.data.Split;
import org.backdraft.data.Subset;
import org.backdraft.driver.config.CrossValidationConfig;
import org.backdraft.driver.config.DataConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.tensor.Shape;

/** The training and the validation set of a run, opened and checked against each other. */
record DataSets(DataSource training, DataSource validation) {
  /**
   * Opens what the configuration names.
   *
   * @param networks say what shape pictures become where {@code data.image} does not
   * @throws DataException if a set cannot be used, or the two do not fit together
   */
  static DataSets open(TrainingConfig training, Cluster.Provider clusters, NetworkFactory networks)
      throws IOException {
    return open(training, clusters, networks, source -> source);
  }

  /** What is done to a set before it is cut into parts. */
  interface Preparation {
    DataSource of(DataSource source) throws IOException;
  }

  /**
   * Opens what the configuration names, as above.
   *
   * @param preparation of what each URI names
   */
  static DataSets open(
      TrainingConfig training,
      Cluster.Provider clusters,
      NetworkFactory networks,
      Preparation preparation)
      throws IOException {
    DataSets sets = cut(training, clusters, networks, preparation);
    sets.check();
    return new DataSets(sets.training(), sets.validation().forEvaluation());
  }

  private static DataSets cut(
      TrainingConfig run,
      Cluster.Provider clusters,
      NetworkFactory networks,
      Preparation preparation)
      throws IOException {
    DataConfig config = run.data();
    BadRecordRule rule = config.badRecords().rule();
    DataSource training =
        config
            .limit()
            .ofTraining(
                preparation.of(
                    sized(clusters.source(config.train(), Split.TRAIN, rule), config, networks)));
    CrossValidationConfig folds = run.crossValidation();
    if (folds.isOne()) {
      int fold = folds.fold() - 1;
      long seed = run.train().seed();
      return ConfigurationException.checked(
          () ->
              new DataSets(
                  Subset.ofFold(training, folds.folds(), fold, seed, false),
                  Subset.ofFold(training, folds.folds(), fold, seed, true)));
    }
    if (config.validation() > 0) {
      double fraction = config.validation();
      return ConfigurationException.checked(
          () ->
              new DataSets(
                  Subset.training(training, fraction), Subset.validation(training, fraction)));
    }
    boolean isGiven = !config.val().isEmpty();
    String uri = isGiven ? config.val() : config.train();
    Split split = isGiven ? Split.GIVEN : Split.VALIDATION;
    DataSource validation =
        preparation.of(sized(clusters.source(uri, split, rule), config, networks));
    return new DataSets(training, config.limit().ofValidation(validation));
  }

  /** The source with examples of the shape that the configuration, else the network, wants. */
  static DataSource sized(DataSource source, DataConfig config, NetworkFactory networks) {
    Optional<Shape> wanted = config.imageShape();
    if (wanted.isEmpty() && source.isSizable()) {
      wanted = networks.input();
    }
    Optional<Shape> shape = wanted;
    return ConfigurationException.checked(() -> shape.map(source::sized).orElse(source));
  }

  private void check() throws DataException {
    if (!training.shape().equals(validation.shape())) {
      throw new DataException(
          "The validation set must have the training set's shape %s: %s has %s."
              .formatted(training.shape(), validation.uri(), validation.shape()));
    }
    if (validation.classes().size() > training.classes().size()) {
      throw new DataException(
          "The validation set must have the training set's %d classes: %s has %d."
              .formatted(training.classes().size(), validation.uri(), validation.classes().size()));
    }
    List<String> known = training.classes().subList(0, validation.classes().size());
    if (!known.equals(validation.classes())) {
      throw new DataException(
          "The validation set must have the training set's classes, in its order, %s: %s has %s."
              .formatted(known, validation.uri(), validation.classes()));
    }
    if (training.format().targets() != validation.format().targets()) {
      throw new DataException(
          "The validation set must have the training set's %d numbers to predict: %s has %d."
              .formatted(
                  training.format().targets(), validation.uri(), validation.format().targets()));
    }
  }
}
