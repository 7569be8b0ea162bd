package org.backdraft.baseline;

import java.util.OptionalDouble;

/**
 * What naive answers get of a validation set with numbers to predict: mean squared errors over all
 * outputs of the validation examples that were looked at.
 *
 * @param meanError of the means of the targets of some training examples
 * @param linearError of their linear regression; empty where that would take too long
 * @param known training examples
 * @param asked validation examples
 */
public record NaiveNumbers(double meanError, OptionalDouble linearError, int known, int asked) {
  /** What training examples say of validation examples, at least one each. */
  public static NaiveNumbers of(NumberedExamples known, NumberedExamples asked) {
    double[][] targets = known.targetRows();
    OptionalDouble linear = OptionalDouble.empty();
    if (LeastSquares.isCheap(known.size(), known.features(), known.outputs())) {
      linear =
          OptionalDouble.of(
              error(LeastSquares.of(known.inputs(), known.features(), targets), asked));
    }
    return new NaiveNumbers(
        error(LeastSquares.ofMeans(targets), asked), linear, known.size(), asked.size());
  }

  private static double error(LeastSquares answers, NumberedExamples asked) {
    double[] answer = new double[asked.outputs()];
    double squares = 0;
    for (int e = 0; e < asked.size(); e++) {
      answers.answer(asked.inputs(), e * asked.features(), answer);
      for (int o = 0; o < answer.length; o++) {
        double difference = answer[o] - asked.targets()[e * answer.length + o];
        squares += difference * difference;
      }
    }
    return squares / asked.targets().length;
  }
}
