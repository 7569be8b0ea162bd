package org.backdraft.baseline;

import org.backdraft.tensor.Checks;

/**
 * Some examples, as a network sees them, of which numbers are to be predicted. The record does not
 * copy its arrays.
 *
 * @param inputs example i in {@code [i · features, (i + 1) · features)}
 * @param features numbers of an example, at least 1
 * @param targets to be predicted of it, likewise
 * @param outputs how many, at least 1
 */
public record NumberedExamples(float[] inputs, int features, float[] targets, int outputs) {
  public NumberedExamples {
    Checks.argument(
        features >= 1
            && outputs >= 1
            && targets.length % outputs == 0
            && inputs.length == (long) features * (targets.length / outputs),
        "Examples must have %d inputs and %d targets each: got %d and %d.",
        features,
        outputs,
        inputs.length,
        targets.length);
  }

  /** How many there are. */
  public int size() {
    return targets.length / outputs;
  }

  double[][] targetRows() {
    double[][] rows = new double[size()][outputs];
    for (int e = 0; e < rows.length; e++) {
      for (int o = 0; o < outputs; o++) {
        rows[e][o] = targets[e * outputs + o];
      }
    }
    return rows;
  }
}
