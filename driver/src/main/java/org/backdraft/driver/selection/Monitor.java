package org.backdraft.driver.selection;

import java.util.Arrays;
import java.util.List;

/** A number of a validation by which epochs are compared. */
public enum Monitor {
  LOSS("val_loss", false),
  ACCURACY("val_accuracy", true),
  MSE("val_mse", false),
  MAE("val_mae", false),
  PIXEL_ERROR("val_pixel_error", false),
  RAND("val_rand", true);

  private static final String PREFIX = "val_";

  private final String word;
  private final boolean isRising;

  Monitor(String word, boolean isRising) {
    this.word = word;
    this.isRising = isRising;
  }

  /** Its name in {@code metrics.jsonl} and in configurations. */
  public String word() {
    return word;
  }

  /** All names. */
  public static List<String> words() {
    return Arrays.stream(values()).map(Monitor::word).toList();
  }

  /**
   * That of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Monitor named(String word) {
    return Arrays.stream(values())
        .filter(each -> each.word.equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "What is monitored must be one of %s: got '%s'."
                        .formatted(String.join(", ", words()), word)));
  }

  /**
   * The name among {@link ValidationScores#metrics}; of loss and accuracy, which are no such
   * metrics, too.
   */
  public String metric() {
    return word.substring(PREFIX.length());
  }

  /** Its value in a validation; NaN where that has none. */
  public double of(ValidationScores scores) {
    return switch (this) {
      case LOSS -> scores.loss();
      case ACCURACY -> scores.accuracy();
      case MSE, MAE, PIXEL_ERROR, RAND -> scores.metrics().getOrDefault(metric(), Double.NaN);
    };
  }

  /**
   * Whether a value is better than the best one by more than {@code delta}; any number is better
   * than none.
   *
   * @param best NaN where there is none yet
   * @param delta at least 0
   */
  boolean isBetter(double value, double best, double delta) {
    if (Double.isNaN(best)) {
      return !Double.isNaN(value);
    }
    return isRising ? value - delta > best : value + delta < best;
  }
}
