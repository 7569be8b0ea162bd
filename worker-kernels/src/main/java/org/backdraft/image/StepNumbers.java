package org.backdraft.image;

import java.util.Locale;
import org.backdraft.tensor.Checks;

/**
 * The numbers behind the name of a step.
 *
 * @param word the whole step, for messages
 */
record StepNumbers(String word, float[] values) {
  static StepNumbers parse(String word, String list) {
    if (list.isEmpty()) {
      Checks.argument(
          !word.endsWith(":"),
          "data.augment needs a number behind the colon of a step, such as crop:4: got '%s'.",
          word);
      return new StepNumbers(word, new float[0]);
    }
    String[] parts = list.split(",", -1);
    float[] values = new float[parts.length];
    for (int i = 0; i < parts.length; i++) {
      try {
        values[i] = Float.parseFloat(parts[i]);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "data.augment needs numbers with commas between behind the name of a step, such as"
                + " elastic:34,4: got '%s'.".formatted(word),
            e);
      }
    }
    return new StepNumbers(word, values);
  }

  /** For a step that takes no numbers. */
  <T> T none(T step) {
    count(0, 0);
    return step;
  }

  /** The one number. */
  float only(float low, float high) {
    count(1, 1);
    return inRange(values[0], low, high);
  }

  /** The one number if it is given. */
  float optional(float otherwise, float low, float high) {
    count(0, 1);
    return values.length == 0 ? otherwise : inRange(values[0], low, high);
  }

  /** Likewise a whole number. */
  float whole(float otherwise, float low, float high) {
    float value = optional(otherwise, low, high);
    Checks.argument(
        value == (int) value, "data.augment: '%s' must have a whole number of pixels.", word);
    return value;
  }

  /** One of two numbers. */
  float at(int index, float low, float high) {
    count(2, 2);
    return inRange(values[index], low, high);
  }

  private void count(int least, int most) {
    Checks.argument(
        values.length >= least && values.length <= most,
        "data.augment: '%s' must have %s number(s): got %d.",
        word,
        least == most ? Integer.toString(least) : least + " or " + most,
        values.length);
  }

  private float inRange(float value, float low, float high) {
    Checks.argument(
        value >= low && value <= high,
        "data.augment: numbers of '%s' must lie in [%s, %s].",
        word,
        String.format(Locale.ROOT, "%s", low),
        String.format(Locale.ROOT, "%s", high));
    return value;
  }
}
