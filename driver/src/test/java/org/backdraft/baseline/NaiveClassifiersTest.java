package org.backdraft.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NaiveClassifiersTest {
  private static LabelledExamples examples(int size, int features, SplittableRandom random) {
    float[] inputs = new float[size * features];
    int[] labels = new int[size];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (float) random.nextDouble();
    }
    for (int i = 0; i < size; i++) {
      labels[i] = random.nextInt(3);
    }
    return new LabelledExamples(inputs, features, labels);
  }

  /** By the definition, in double, without giving up on any distance. */
  private static double bruteForce(LabelledExamples known, LabelledExamples asked) {
    int features = known.features();
    int hits = 0;
    for (int i = 0; i < asked.size(); i++) {
      double least = Double.POSITIVE_INFINITY;
      int label = -1;
      for (int k = 0; k < known.size(); k++) {
        double distance = 0;
        for (int f = 0; f < features; f++) {
          double d = (double) asked.inputs()[i * features + f] - known.inputs()[k * features + f];
          distance += d * d;
        }
        if (distance < least) {
          least = distance;
          label = known.labels()[k];
        }
      }
      hits += label == asked.labels()[i] ? 1 : 0;
    }
    return (double) hits / asked.size();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 63, 64, 65, 130, 201})
  void theNearestIsThatOfTheDefinition(int features) {
    SplittableRandom random = new SplittableRandom(features);
    LabelledExamples known = examples(80, features, random);
    LabelledExamples asked = examples(60, features, random);
    NaiveClassifiers.Compared compared =
        NaiveClassifiers.majority(new long[] {1, 1}, new long[] {1, 1})
            .comparing(known, asked)
            .compared()
            .orElseThrow();

    assertThat(compared.nearest()).isEqualTo(bruteForce(known, asked));
    assertThat(compared.known()).isEqualTo(80);
    assertThat(compared.asked()).isEqualTo(60);
  }

  @Test
  void whoIsAskedForWhatIsKnownIsAlwaysRight() {
    LabelledExamples known = examples(50, 7, new SplittableRandom(1));
    assertThat(new NearestNeighbor(known).accuracy(known)).isEqualTo(1);
  }

  @Test
  void theFirstOfEquallyNearOnesCounts() {
    LabelledExamples known = new LabelledExamples(new float[] {1, 3, 1}, 1, new int[] {2, 0, 1});
    LabelledExamples asked = new LabelledExamples(new float[] {1, 2}, 1, new int[] {2, 2});
    assertThat(new NearestNeighbor(known).accuracy(asked)).isEqualTo(1);
  }

  @Test
  void theMajorityIsThatOfTheTrainingSet() {
    NaiveClassifiers naive = NaiveClassifiers.majority(new long[] {3, 5, 5}, new long[] {7, 2, 1});
    assertThat(naive.majorityClass()).isEqualTo(1);
    assertThat(naive.majorityAccuracy()).isCloseTo(0.2, within(1e-12));
    assertThat(naive.compared()).isEmpty();
    assertThat(
            NaiveClassifiers.majority(new long[] {1, 1, 9}, new long[] {4, 4}).majorityAccuracy())
        .as("a class that the validation set lacks")
        .isZero();
  }
}
