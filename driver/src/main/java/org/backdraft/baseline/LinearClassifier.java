package org.backdraft.baseline;

import java.util.Arrays;
import java.util.Optional;

/**
 * Answers with the class of the largest output of the {@link LeastSquares} answer to targets that
 * are 1 for an example's class and 0 for the others, of equally large ones the first (Bishop 2006,
 * <em>Pattern Recognition and Machine Learning</em>, section 4.1.3).
 */
final class LinearClassifier {
  private final LeastSquares outputs;
  private final int classes;

  private LinearClassifier(LeastSquares outputs, int classes) {
    this.outputs = outputs;
    this.classes = classes;
  }

  /** Of at least one example; empty where it would take too long. */
  static Optional<LinearClassifier> of(LabelledExamples known) {
    int classes = 1 + Arrays.stream(known.labels()).max().orElseThrow();
    if (!LeastSquares.isCheap(known.size(), known.features(), classes)) {
      return Optional.empty();
    }
    double[][] targets = new double[known.size()][classes];
    for (int e = 0; e < targets.length; e++) {
      targets[e][known.labels()[e]] = 1;
    }
    return Optional.of(
        new LinearClassifier(LeastSquares.of(known.inputs(), known.features(), targets), classes));
  }

  /** The share of examples whose class it finds. */
  double accuracy(LabelledExamples asked) {
    double[] answer = new double[classes];
    int hits = 0;
    for (int e = 0; e < asked.size(); e++) {
      outputs.answer(asked.inputs(), e * asked.features(), answer);
      int label = 0;
      for (int c = 1; c < classes; c++) {
        label = answer[c] > answer[label] ? c : label;
      }
      hits += label == asked.labels()[e] ? 1 : 0;
    }
    return (double) hits / asked.size();
  }
}
