package org.backdraft.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.assertj.core.data.MapEntry;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.loss.Head;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.MeanSquaredError;
import org.backdraft.loss.SoftmaxCrossEntropy;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

/** The numbers of each head of a network. */
class HeadsMetricTest {
  private static final HeadsMetric METRIC =
      new HeadsMetric(
          new HeadLosses(
              List.of(
                  new Head("kind", new SoftmaxCrossEntropy(0, List.of(), -100), 0.5f, 2, 2, 1),
                  new Head("place", new MeanSquaredError(), 3, 0, 0, 2))));

  @Test
  void eachHeadIsMeasuredByItselfWithoutItsWeight() {
    Batch batch = new Batch(ActivationLayout.dense(Shape.of(1)), 3, 1, 3);
    batch.reset(3, 3);
    System.arraycopy(new float[] {1, 2, 0, 3, 4, 1, 5, 9, -100}, 0, batch.targets(), 0, 9);
    Metric.Scorer scorer = METRIC.scorer(Shape.of(4), KernelLookup.choose().kernels().loss());
    double[] sums = new double[METRIC.sums()];
    scorer.add(new float[] {1, 1, 1, 2}, batch, 0, sums); // of equal outputs the first one counts
    scorer.add(new float[] {2, 1, 4, 4}, batch, 1, sums); // wrong, and 1 beside the place
    scorer.add(new float[] {0, 7, 5, 7}, batch, 2, sums); // no class, and 2 beside the place

    Map<String, Double> numbers = METRIC.of(sums);
    assertThat(numbers.keySet()).containsExactlyElementsOf(METRIC.names());
    double crossEntropy = Math.log(2) + Math.log(1 + Math.E);
    assertThat(numbers.get("kind_loss")).isCloseTo(crossEntropy / 3, within(1e-6));
    assertThat(numbers).contains(MapEntry.entry("kind_accuracy", 0.5));
    assertThat(numbers.get("place_loss")).isCloseTo(5 / 6.0, within(1e-6));
    assertThat(numbers.get("place_mse")).isCloseTo(5 / 6.0, within(1e-12));
    assertThat(numbers.get("place_mae")).isCloseTo(3 / 6.0, within(1e-12));
    assertThat(numbers.get("place_baseline_mse")).isCloseTo((8 / 3.0 + 26 / 3.0) / 2, within(1e-9));
  }

  @Test
  void nothingIsMeasuredOfNothing() {
    assertThat(METRIC.of(new double[0])).isEmpty();
    assertThat(METRIC.of(new double[METRIC.sums()])).isEmpty();
  }
}
