package org.backdraft.baseline;

import org.backdraft.tensor.Checks;

/**
 * Some examples as a network sees them. The record does not copy its arrays.
 *
 * @param inputs example i in {@code [i · features, (i + 1) · features)}
 * @param features numbers of an example, at least 1
 * @param labels the class of each example
 */
public record LabelledExamples(float[] inputs, int features, int[] labels) {
  public LabelledExamples {
    Checks.argument(
        features >= 1 && inputs.length == (long) features * labels.length,
        "Inputs must be %d numbers for each of %d examples: got %d.",
        features,
        labels.length,
        inputs.length);
  }

  /** How many there are. */
  public int size() {
    return labels.length;
  }
}
