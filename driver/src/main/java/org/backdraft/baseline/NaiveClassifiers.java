package org.backdraft.baseline;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What naive answers get of a validation set with classes: a network that does no better has
 * learned nothing, or too little.
 *
 * @param majorityClass the most frequent class of the training set, of equally frequent ones the
 *     first
 * @param majorityAccuracy the share of validation examples that are of that class
 * @param compared what those get that compare validation examples with training examples; empty
 *     where that was not asked
 */
public record NaiveClassifiers(
    int majorityClass, double majorityAccuracy, Optional<Compared> compared) {
  /**
   * Of some training and some validation examples.
   *
   * @param nearest accuracy of the class of the nearest training example, over the validation
   *     examples that were looked at
   * @param linear likewise of the linear classifier of least squared error; empty where that would
   *     take too long
   * @param known training examples
   * @param asked validation examples
   */
  public record Compared(double nearest, OptionalDouble linear, int known, int asked) {}

  /**
   * The most frequent class.
   *
   * @param training how often each class is in the training set
   * @param validation likewise in the validation set, which may lack the last classes
   */
  public static NaiveClassifiers majority(long[] training, long[] validation) {
    int most = 0;
    for (int c = 1; c < training.length; c++) {
      most = training[c] > training[most] ? c : most;
    }
    long hits = most < validation.length ? validation[most] : 0;
    double accuracy = (double) hits / Arrays.stream(validation).sum();
    return new NaiveClassifiers(most, accuracy, Optional.empty());
  }

  /** With what some training examples say of some validation examples, at least one each. */
  public NaiveClassifiers comparing(LabelledExamples known, LabelledExamples asked) {
    return new NaiveClassifiers(
        majorityClass,
        majorityAccuracy,
        Optional.of(
            new Compared(
                new NearestNeighbor(known).accuracy(asked),
                LinearClassifier.of(known)
                    .map(classifier -> OptionalDouble.of(classifier.accuracy(asked)))
                    .orElseGet(OptionalDouble::empty),
                known.size(),
                asked.size())));
  }
}
