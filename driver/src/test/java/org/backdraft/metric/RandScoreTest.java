package org.backdraft.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Random;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

/** Components, the Rand score by its definition over pairs of pixels, and the metric of both. */
class RandScoreTest {
  private static int[] image(String... rows) {
    int width = rows[0].length();
    int[] classes = new int[rows.length * width];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = rows[i / width].charAt(i % width) - '0';
    }
    return classes;
  }

  private static int[] components(int height, int width, int[] classes) {
    int[] found = new int[height * width];
    new Components(height, width).find(classes, found);
    return found;
  }

  @Test
  void pixelsThatTouchAlongAnEdgeBelongTogether() {
    int[] found = components(4, 5, image("11011", "01010", "10122", "11100"));
    assertThat(found)
        .containsExactly(0, 0, -1, 3, 3, -1, 0, -1, 3, -1, 10, -1, 10, 13, 13, 10, 10, 10, -1, -1);
  }

  @Test
  void aSpiralIsOneComponent() {
    int[] found = components(5, 5, image("11111", "00001", "11101", "10001", "11111"));
    assertThat(found).containsOnly(0, -1);
  }

  @Test
  void equalSegmentationsScoreOneAndOthersLess() {
    int[] truth = components(3, 6, image("110110", "110110", "110111"));
    RandScore rand = new RandScore(18);
    assertThat(rand.of(truth, truth)).isEqualTo(1);
    // Two segments of 6 and 7 pixels, taken for one: Σp² = Σt² = 85, Σs² = 169.
    assertThat(rand.of(null, truth)).isCloseTo(85 / (0.5 * 169 + 0.5 * 85), within(1e-12));
    int[] nothing = components(3, 6, new int[18]);
    // Thirteen segments of one pixel.
    assertThat(rand.of(nothing, truth)).isCloseTo(13 / (0.5 * 13 + 0.5 * 85), within(1e-12));
    assertThat(rand.of(truth, nothing)).isNaN();
  }

  /** Counts pairs of pixels, a pixel with itself too, as the definition does. */
  @Test
  void agreesWithCountingPairs() {
    Random random = new Random(3);
    for (int round = 0; round < 40; round++) {
      int[] classes = new int[2 * 63];
      for (int i = 0; i < classes.length; i++) {
        classes[i] = random.nextInt(4) == 0 ? 0 : 1;
      }
      int[] truth = components(7, 9, java.util.Arrays.copyOf(classes, 63));
      int[] found = components(7, 9, java.util.Arrays.copyOfRange(classes, 63, 126));
      double both = 0;
      double inTruth = 0;
      double inFound = 0;
      for (int a = 0; a < 63; a++) {
        for (int b = 0; b < 63; b++) {
          if (truth[a] >= 0 && truth[b] >= 0) {
            boolean isTogether = a == b || (found[a] >= 0 && found[a] == found[b]);
            both += isTogether && truth[a] == truth[b] ? 1 : 0;
            inTruth += truth[a] == truth[b] ? 1 : 0;
            inFound += isTogether ? 1 : 0;
          }
        }
      }
      assertThat(new RandScore(63).of(found, truth))
          .isCloseTo(both / (0.5 * inTruth + 0.5 * inFound), within(1e-12));
    }
  }

  @Test
  void theMetricTellsErrorsBesideThoseOfNaiveAnswers() {
    SegmentationMetric metric = new SegmentationMetric(2, -100);
    int[] truth = image("1101", "1101", "0001");
    truth[8] = -100;
    Batch batch = new Batch(ActivationLayout.dense(Shape.of(1, 3, 4)), 1, 12);
    batch.reset(1, 1);
    System.arraycopy(truth, 0, batch.labels(), 0, 12);
    float[] output = new float[24];
    int[] answer = image("1101", "1111", "0001"); // one pixel joins the two segments
    for (int i = 0; i < 12; i++) {
      output[2 * i + answer[i]] = 1;
    }
    double[] sums = new double[metric.sums()];
    metric
        .scorer(Shape.of(2, 3, 4), KernelLookup.choose().kernels().loss())
        .add(output, batch, 0, sums);
    Map<String, Double> numbers = metric.of(sums);

    assertThat(numbers.get("pixel_error")).isCloseTo(1 / 11.0, within(1e-12));
    assertThat(numbers.get("baseline_pixel_error")).isCloseTo(4 / 11.0, within(1e-12));
    assertThat(numbers.get("rand")).isCloseTo(25 / (0.5 * 49 + 0.5 * 25), within(1e-12));
    assertThat(numbers.get("baseline_rand")).isEqualTo(numbers.get("rand"));
    assertThat(numbers.keySet())
        .containsExactly("pixel_error", "baseline_pixel_error", "rand", "baseline_rand");
  }
}
