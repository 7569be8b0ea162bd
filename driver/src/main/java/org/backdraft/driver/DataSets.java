package org.backdraft.driver;

import java.io.IOException;
import org.backdraft.data.DataException;
import org.backdraft.data.DataSource;
import org.backdraft.data.Split;
import org.backdraft.data.Subset;

/** The training and the validation set of a run, opened and checked against each other. */
record DataSets(DataSource training, DataSource validation) {
  /**
   * Opens what the configuration names.
   *
   * @throws DataException if a set cannot be used, or the two do not fit together
   */
  static DataSets open(TrainingConfig.Data config, Cluster.Provider clusters) throws IOException {
    DataSource training = clusters.source(config.train(), Split.TRAIN);
    DataSets sets;
    if (config.validation() > 0) {
      double fraction = config.validation();
      sets =
          ConfigurationException.checked(
              () ->
                  new DataSets(
                      Subset.training(training, fraction), Subset.validation(training, fraction)));
    } else {
      String uri = config.val().isEmpty() ? config.train() : config.val();
      sets = new DataSets(training, clusters.source(uri, Split.VALIDATION));
    }
    sets.check();
    return sets;
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
  }
}
