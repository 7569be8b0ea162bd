package org.backdraft.driver;

import java.io.IOException;
import java.util.Optional;
import org.backdraft.baseline.NaiveClassifiers;
import org.backdraft.baseline.NaiveNumbers;
import org.backdraft.data.ClassSurvey;
import org.backdraft.data.DataSource;
import org.backdraft.data.Decoder;
import org.backdraft.driver.config.BaselineConfig;
import org.backdraft.kernel.Kernels;
import org.backdraft.metric.Metric;
import org.backdraft.metric.RegressionMetric;

/**
 * Works out what naive answers get of a run's validation set. Records come from the workers'
 * memory; a sample of them, a function of the sets' sizes alone, is compared on the driver.
 */
final class Baselines {
  /** Validation examples that are asked for. */
  private static final int ASKED = 1_000;

  /** The most multiplications of all distances: a second or two. */
  private static final long WORK = 3_000_000_000L;

  /** The most numbers of the examples of either set that are compared: 64 MB. */
  private static final int FLOATS = 1 << 24;

  /** Fewer training examples than that, for each class, say little. */
  private static final int LEAST_OF_A_CLASS = 10;

  private Baselines() {}

  /** A set, its records in the workers' memory, and how evaluations decode them. */
  record Set(DataSource source, Cluster.CachedData data, Decoder decoder) {
    ClassSurvey survey(int classes, int most) throws IOException {
      return data.survey(classes, ClassSurvey.spread(source.examples(), most));
    }
  }

  /**
   * Tells what they get, if it is wanted, of examples that have one class each or numbers to
   * predict.
   *
   * @param measured what validations measure
   * @throws IOException if records cannot be fetched or read
   */
  static void tell(
      TrainingListener listener,
      BaselineConfig config,
      Metric measured,
      Set training,
      Set validation,
      Kernels kernels)
      throws IOException {
    if (config.isWanted()) {
      Optional<NaiveClassifiers> ofClasses = ofClasses(config, training, validation, kernels);
      ofClasses.ifPresent(listener::onBaselines);
      Optional<NaiveNumbers> ofNumbers = ofNumbers(config, measured, training, validation, kernels);
      ofNumbers.ifPresent(listener::onBaselines);
    }
  }

  /** Empty where examples do not have one class each. */
  private static Optional<NaiveClassifiers> ofClasses(
      BaselineConfig config, Set training, Set validation, Kernels kernels) throws IOException {
    DataSource source = training.source();
    int classes = source.classes().size();
    if (classes < 2 || source.format().targets() > 0 || source.format().labels() > 1) {
      return Optional.empty();
    }
    Sample sample = Sample.of(config, source, validation.source(), classes);
    ClassSurvey ofTraining = training.survey(classes, sample.known());
    ClassSurvey ofValidation = validation.survey(classes, sample.asked());
    NaiveClassifiers majority =
        NaiveClassifiers.majority(ofTraining.counts(), ofValidation.counts());
    return Optional.of(
        sample.known() == 0
            ? majority
            : majority.comparing(
                ofTraining.examples(training.decoder(), kernels),
                ofValidation.examples(validation.decoder(), kernels)));
  }

  /** Empty where there are no numbers to predict, or several answers. */
  private static Optional<NaiveNumbers> ofNumbers(
      BaselineConfig config, Metric measured, Set training, Set validation, Kernels kernels)
      throws IOException {
    if (!(measured instanceof RegressionMetric)) {
      return Optional.empty();
    }
    Sample sample = Sample.of(config, training.source(), validation.source(), 1);
    if (sample.known() == 0) {
      return Optional.empty();
    }
    int labels = Math.max(1, training.source().classes().size());
    return Optional.of(
        NaiveNumbers.of(
            training.survey(labels, sample.known()).numbers(training.decoder(), kernels),
            validation.survey(labels, sample.asked()).numbers(validation.decoder(), kernels)));
  }

  /** How many examples of both sets are compared: none, or some of both. */
  private record Sample(int known, int asked) {
    static Sample of(
        BaselineConfig config, DataSource training, DataSource validation, int classes) {
      int features = training.shape().elements();
      int fitting = Math.max(1, FLOATS / features);
      int asked = Math.min(Math.min(ASKED, fitting), validation.examples());
      long enough = Math.min(fitting, WORK / ((long) asked * features));
      int known = (int) Math.min(enough, Math.min(config.neighbors(), training.examples()));
      return known < LEAST_OF_A_CLASS * classes ? new Sample(0, 0) : new Sample(known, asked);
    }
  }
}
