package org.backdraft.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeastSquaresTest {
  private static float[] inputs(int count, SplittableRandom random) {
    float[] inputs = new float[count];
    for (int i = 0; i < count; i++) {
      inputs[i] = (float) (3 + random.nextDouble(-1, 1));
    }
    return inputs;
  }

  private static double[][] targets(int examples, int outputs, SplittableRandom random) {
    double[][] targets = new double[examples][outputs];
    for (double[] row : targets) {
      for (int o = 0; o < outputs; o++) {
        row[o] = random.nextDouble(-1, 1);
      }
    }
    return targets;
  }

  private static double[] answer(LeastSquares of, float[] inputs, int begin, int outputs) {
    double[] answer = new double[outputs];
    of.answer(inputs, begin, answer);
    return answer;
  }

  /** By the definition: the normal equations of centered examples, solved by elimination. */
  private static double[] byHand(float[] x, int d, double[][] targets, int output, float[] at) {
    int n = targets.length;
    double[] means = new double[d];
    double mean = 0;
    for (int e = 0; e < n; e++) {
      mean += targets[e][output] / n;
      for (int i = 0; i < d; i++) {
        means[i] += (double) x[e * d + i] / n;
      }
    }
    double[][] system = new double[d][d + 1];
    double squares = 0;
    for (int e = 0; e < n; e++) {
      for (int i = 0; i < d; i++) {
        double xi = x[e * d + i] - means[i];
        squares += xi * xi;
        for (int j = 0; j < d; j++) {
          system[i][j] += xi * (x[e * d + j] - means[j]);
        }
        system[i][d] += xi * (targets[e][output] - mean);
      }
    }
    for (int i = 0; i < d; i++) {
      system[i][i] += squares / n;
    }
    for (int i = 0; i < d; i++) { // positive definite: no pivots are needed
      for (int r = 0; r < d; r++) {
        double factor = r == i ? 0 : system[r][i] / system[i][i];
        for (int c = i; c <= d; c++) {
          system[r][c] -= factor * system[i][c];
        }
      }
    }
    double[] answers = new double[at.length / d];
    for (int e = 0; e < answers.length; e++) {
      answers[e] = mean;
      for (int i = 0; i < d; i++) {
        answers[e] += system[i][d] / system[i][i] * (at[e * d + i] - means[i]);
      }
    }
    return answers;
  }

  @ParameterizedTest
  @CsvSource({"40, 1", "40, 3", "300, 7", "7, 9", "5, 30", "30, 300", "1, 4", "12, 12"})
  void bothFormsGiveTheAnswerOfTheDefinition(int examples, int features) {
    SplittableRandom random = new SplittableRandom(31L * examples + features);
    float[] inputs = inputs(examples * features, random);
    double[][] targets = targets(examples, 2, random);
    float[] others = inputs(5 * features, random);
    LeastSquares primal = LeastSquares.of(inputs, features, targets, false);
    LeastSquares dual = LeastSquares.of(inputs, features, targets, true);
    for (int o = 0; o < 2; o++) {
      double[] byHand = byHand(inputs, features, targets, o, others);
      for (int e = 0; e < 5 && examples > 1; e++) {
        assertThat(answer(primal, others, e * features, 2)[o]).isCloseTo(byHand[e], within(1e-9));
        assertThat(answer(dual, others, e * features, 2)[o]).isCloseTo(byHand[e], within(1e-9));
      }
    }
    if (examples == 1) {
      assertThat(answer(primal, others, 0, 2)).isEqualTo(targets[0]);
      assertThat(answer(dual, others, 0, 2)).isEqualTo(targets[0]);
    }
  }

  @Test
  void classesThatALinePartsAreFound() {
    SplittableRandom random = new SplittableRandom(5);
    float[] inputs = new float[3 * 90];
    int[] labels = new int[90];
    for (int e = 0; e < labels.length; e++) {
      labels[e] = e % 3;
      for (int i = 0; i < 3; i++) {
        inputs[3 * e + i] = (float) (random.nextDouble(-1, 1) + (i == labels[e] ? 4 : 0));
      }
    }
    LabelledExamples examples = new LabelledExamples(inputs, 3, labels);
    assertThat(LinearClassifier.of(examples).orElseThrow().accuracy(examples)).isEqualTo(1);
  }

  @Test
  void exclusiveOrIsNotFound() {
    SplittableRandom random = new SplittableRandom(6);
    float[] inputs = new float[2 * 1000];
    int[] labels = new int[1000];
    for (int e = 0; e < labels.length; e++) {
      boolean isRight = random.nextBoolean();
      boolean isUp = random.nextBoolean();
      inputs[2 * e] = (float) (random.nextDouble(0.2, 1) * (isRight ? 1 : -1));
      inputs[2 * e + 1] = (float) (random.nextDouble(0.2, 1) * (isUp ? 1 : -1));
      labels[e] = isRight == isUp ? 0 : 1;
    }
    LabelledExamples examples = new LabelledExamples(inputs, 2, labels);
    assertThat(LinearClassifier.of(examples).orElseThrow().accuracy(examples)).isBetween(0.4, 0.6);
    NaiveClassifiers.Compared compared =
        NaiveClassifiers.majority(new long[] {1, 1}, new long[] {1, 1})
            .comparing(examples, examples)
            .compared()
            .orElseThrow();
    assertThat(compared.nearest()).isEqualTo(1);
    LabelledExamples corners =
        new LabelledExamples(new float[] {0, 0, 0, 1, 1, 0, 1, 1}, 2, new int[] {0, 1, 1, 0});
    assertThat(LinearClassifier.of(corners).orElseThrow().accuracy(corners)).isEqualTo(0.5);
  }

  @Test
  void aLinearMapIsRecovered() {
    SplittableRandom random = new SplittableRandom(7);
    NaiveNumbers naive = NaiveNumbers.of(mapped(2000, random), mapped(50, random));
    assertThat(naive.meanError()).isGreaterThan(0.5);
    assertThat(naive.linearError().orElseThrow()).isLessThan(1e-5 * naive.meanError());
    assertThat(naive.known()).isEqualTo(2000);
    assertThat(naive.asked()).isEqualTo(50);
  }

  private static NumberedExamples mapped(int examples, SplittableRandom random) {
    float[] inputs = inputs(3 * examples, random);
    float[] targets = new float[2 * examples];
    for (int e = 0; e < examples; e++) {
      targets[2 * e] = 2 * inputs[3 * e] - inputs[3 * e + 1] + 5;
      targets[2 * e + 1] = inputs[3 * e + 2] / 2 - 1;
    }
    return new NumberedExamples(inputs, 3, targets, 2);
  }

  @Test
  void inputsThatAreAllTheSameSayNothing() {
    NumberedExamples same =
        new NumberedExamples(new float[] {2, 2, 2}, 1, new float[] {1, 2, 6}, 1);
    assertThat(NaiveNumbers.of(same, same).linearError())
        .isEqualTo(OptionalDouble.of(NaiveNumbers.of(same, same).meanError()));
  }

  @Test
  void fewLargePicturesAreCheapAndManyAreNot() {
    int picture = 3 * 224 * 224;
    assertThat(LeastSquares.isCheap(64, picture, 10)).isTrue();
    assertThat(LeastSquares.isCheap(10_000, 784, 10)).isTrue();
    assertThat(LeastSquares.isCheap(5_461, 3_072, 10)).isFalse();
    assertThat(LeastSquares.isCheap(20, picture, 1_000)).as("weights").isFalse();
    LabelledExamples large = new LabelledExamples(new float[4_000 * 2_000], 2_000, new int[4_000]);
    assertThat(LinearClassifier.of(large)).isEmpty();
  }
}
