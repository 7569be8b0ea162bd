package org.backdraft.baseline;

import java.util.Arrays;
import java.util.Optional;

/**
 * What naive answers get of a validation set with classes: a network that does no better has
 * learned nothing, or too little.
 *
 * @param majorityClass the most frequent class of the training set, of equally frequent ones the
 *     first
 * @param majorityAccuracy the share of validation examples that are of that class
 * @param nearest what the class of the nearest training example gets; empty where that was not
 *     asked
 */
public record NaiveClassifiers(
    int majorityClass, double majorityAccuracy, Optional<Nearest> nearest) {
  /**
   * Of the nearest neighbour.
   *
   * @param accuracy over the validation examples that were looked at
   * @param known training examples that they were compared with
   * @param asked validation examples
   */
  public record Nearest(double accuracy, int known, int asked) {}

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

  /** With the nearest of some training examples for some validation examples, at least one each. */
  public NaiveClassifiers nearest(LabelledExamples known, LabelledExamples asked) {
    double accuracy = new NearestNeighbor(known).accuracy(asked);
    return new NaiveClassifiers(
        majorityClass,
        majorityAccuracy,
        Optional.of(new Nearest(accuracy, known.size(), asked.size())));
  }
}
