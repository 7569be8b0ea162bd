package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Training of several networks, each validated on another part of the training set: the section
 * {@code cross-validation}.
 *
 * @param folds parts that the training set is cut into; 0 for none
 * @param fold the part, from 1, that is held out of the one network that is trained; 0 for all of
 *     them, one after the other
 */
public record CrossValidationConfig(
    @JsonProperty("folds") int folds, @JsonProperty("fold") int fold) {
  public CrossValidationConfig {
    require(
        folds == 0 || folds >= 2,
        "cross-validation.folds must be at least 2, or 0 for none: got %d.",
        folds);
    require(
        fold >= 0 && fold <= folds,
        "cross-validation.fold must be one of %d folds, from 1, or 0 for all: got %d.",
        folds,
        fold);
  }

  /** One training on the whole set. */
  public static CrossValidationConfig defaults() {
    return new CrossValidationConfig(0, 0);
  }

  /** Whether there are several networks to train. */
  public boolean isWhole() {
    return folds > 0 && fold == 0;
  }

  /** Whether one of its networks is to be trained. */
  public boolean isOne() {
    return fold > 0;
  }

  void requireFits(DataConfig data, TrainConfig train) {
    require(
        folds == 0 || (data.val().isEmpty() && data.validation() == 0),
        "cross-validation.folds cuts its validation sets from the training set: leave out data.val and"
            + " data.validation, got '%s' and %s.",
        data.val(),
        data.validation());
    require(
        !isWhole() || train.target() == 0,
        "train.target must be 0 with cross-validation.folds, whose networks are to be trained alike:"
            + " got %s.",
        train.target());
  }
}
