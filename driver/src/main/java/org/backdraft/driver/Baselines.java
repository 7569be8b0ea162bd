package org.backdraft.driver;

import java.io.IOException;
import java.util.Optional;
import org.backdraft.baseline.NaiveClassifiers;
import org.backdraft.data.ClassSurvey;
import org.backdraft.data.DataSource;
import org.backdraft.data.Decoder;
import org.backdraft.driver.config.BaselineConfig;
import org.backdraft.kernel.Kernels;

/**
 * Works out what naive answers get of a run's validation set. Records come from the workers'
 * memory; a sample of them, a function of the sets' sizes alone, is compared on the driver.
 */
final class Baselines {
  /** Validation examples whose nearest neighbour is looked for. */
  private static final int ASKED = 1_000;

  /** The most multiplications of all distances: a second or two. */
  private static final long WORK = 3_000_000_000L;

  /** The most numbers of the examples of either set that are compared: 64 MB. */
  private static final int FLOATS = 1 << 24;

  /** With fewer training examples for each class than that a neighbour says little. */
  private static final int LEAST_OF_A_CLASS = 10;

  private Baselines() {}

  /** A set, its records in the workers' memory, and how evaluations decode them. */
  record Set(DataSource source, Cluster.CachedData data, Decoder decoder) {
    ClassSurvey survey(int classes, int most) throws IOException {
      return data.survey(classes, ClassSurvey.spread(source.examples(), most));
    }
  }

  /**
   * What they get; empty where examples do not have one class each.
   *
   * @throws IOException if records cannot be fetched or read
   */
  static Optional<NaiveClassifiers> of(
      BaselineConfig config, Set training, Set validation, Kernels kernels) throws IOException {
    DataSource source = training.source();
    int classes = source.classes().size();
    if (!config.isWanted()
        || classes < 2
        || source.format().targets() > 0
        || source.format().labels() > 1) {
      return Optional.empty();
    }
    int features = source.shape().elements();
    int fitting = Math.max(1, FLOATS / features);
    int asked = Math.min(Math.min(ASKED, fitting), validation.source().examples());
    long enough = Math.min(fitting, WORK / ((long) asked * features));
    int known = (int) Math.min(enough, Math.min(config.neighbors(), source.examples()));
    if (known < LEAST_OF_A_CLASS * classes) {
      known = 0;
    }
    ClassSurvey ofTraining = training.survey(classes, known);
    ClassSurvey ofValidation = validation.survey(classes, known == 0 ? 0 : asked);
    NaiveClassifiers majority =
        NaiveClassifiers.majority(ofTraining.counts(), ofValidation.counts());
    return Optional.of(
        known == 0
            ? majority
            : majority.nearest(
                ofTraining.examples(training.decoder(), kernels),
                ofValidation.examples(validation.decoder(), kernels)));
  }
}
