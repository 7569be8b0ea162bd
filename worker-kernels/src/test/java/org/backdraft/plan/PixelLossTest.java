package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.loss.SoftmaxCrossEntropy;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Network;
import org.backdraft.optim.Adam;
import org.backdraft.optim.Sgd;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

/** Cross-entropy with a label for each pixel: sums, denominators, ranks, exactness. */
class PixelLossTest {
  private static final int PIXELS = 6 * 5;
  private static final Loss WEIGHTED =
      new SoftmaxCrossEntropy(0.1f, List.of(0.5f, 1f, 2f, 1.3f), 2);

  private static Network network() {
    return Network.named("pixels", Shape.of(2, 6, 5))
        .add("conv1", Conv2d.of(3, 3).padding(1))
        .add("conv2", Conv2d.of(4, 1))
        .build();
  }

  @Test
  void lossesAreSumsOverPixelsAndHitsAreCountedPerPixel() {
    try (LocalRun run = new LocalRun(network(), WEIGHTED, new Leaves(2), 1, 3, 5)) {
      float[] sums = run.step(5, 1, 0, 0);
      Replica replica = run.replica(0);
      float[] losses = new float[5];
      float[] denominators = new float[5];
      int[] ranks = new int[5 * PIXELS];
      replica.evaluate(run.batch(0), losses, denominators, ranks);
      float[] output = new float[4 * PIXELS];
      float[] target = WEIGHTED.newTarget(4);
      double lossSum = 0;
      double denominatorSum = 0;
      int hits = 0;
      int counted = 0;
      for (int e = 0; e < 5; e++) {
        replica.output(e, output);
        double loss = 0;
        double denominator = 0;
        for (int p = 0; p < PIXELS; p++) {
          int label = run.batch(0).labels()[e * PIXELS + p];
          if (label == 2) {
            assertThat(ranks[e * PIXELS + p]).isEqualTo(LossStep.IGNORED);
            continue;
          }
          loss +=
              WEIGHTED.evaluate(LocalRun.KERNELS.loss(), output, 4 * p, 4, label, target, null, 0);
          denominator += WEIGHTED.denominator(label, 4);
          hits += ranks[e * PIXELS + p] == 0 ? 1 : 0;
          counted++;
        }
        assertThat(losses[e]).isCloseTo((float) loss, within(1e-5f));
        assertThat(denominators[e]).isCloseTo((float) denominator, within(1e-5f));
        lossSum += losses[e];
        denominatorSum += denominators[e];
      }
      ReductionLayout layout = replica.plan().reduction();
      assertThat((double) sums[layout.lossIndex()]).isCloseTo(lossSum, within(1e-3));
      assertThat((double) sums[layout.denominatorIndex()]).isCloseTo(denominatorSum, within(1e-3));
      assertThat(sums[layout.correctIndex()]).isEqualTo(hits);
      assertThat(sums[layout.labelsIndex()]).isEqualTo(counted).isBetween(1f, 149f);
      assertThat(sums[layout.examplesIndex()]).isEqualTo(5);
    }
  }

  @Test
  void anUpdateDividesByTheDenominators() {
    try (LocalRun run = new LocalRun(network(), WEIGHTED, new Leaves(2), 1, 1, 5)) {
      float[] sums = run.step(5, 1, 0, 0);
      Replica replica = run.replica(0);
      float[] before = replica.parameters().clone();
      run.update(new Sgd(0), sums, 0.5f);
      float denominator = sums[replica.plan().reduction().denominatorIndex()];
      for (int i = 0; i < before.length; i++) {
        float expected = Math.fma(-0.5f, sums[i] / denominator, before[i]);
        assertThat(replica.parameters()[i]).isEqualTo(expected);
      }
    }
  }

  @Test
  void aBatchOfIgnoredLabelsHasNoGradient() {
    try (LocalRun run = new LocalRun(network(), WEIGHTED, new Leaves(2), 1, 1, 3)) {
      run.fill(0, 3, 1);
      java.util.Arrays.fill(run.batch(0).labels(), 2);
      Replica replica = run.replica(0);
      replica.trainStep(run.batch(0), 0, 0);
      float[] before = replica.parameters().clone();
      float[] sums = replica.sums()[0];
      assertThat(sums[replica.plan().reduction().labelsIndex()]).isZero();
      run.update(new Sgd(0), sums, 0.5f);
      assertThat(replica.parameters()).isEqualTo(before);
    }
  }

  @Test
  void workersAndThreadsDoNotChangeABit() {
    int[] sizes = {20, 20, 7};
    float[] expected = trained(1, 1, sizes);
    assertThat(expected).doesNotContain(Float.NaN);
    for (int[] gang : new int[][] {{1, 3}, {2, 1}, {3, 2}, {4, 1}}) {
      assertThat(trained(gang[0], gang[1], sizes))
          .as("%d workers, %d threads", gang[0], gang[1])
          .isEqualTo(expected);
    }
  }

  private static float[] trained(int worldSize, int threads, int[] sizes) {
    try (LocalRun run = new LocalRun(network(), WEIGHTED, new Leaves(8), worldSize, threads, 20)) {
      for (int step = 0; step < sizes.length; step++) {
        run.update(Adam.standard(), run.step(sizes[step], step, 5, 0), 0.01f);
      }
      return run.replica(worldSize - 1).parameters().clone();
    }
  }

  @Test
  void refusesABatchWithOneLabelForEachExample() {
    try (LocalRun run = new LocalRun(network(), WEIGHTED, new Leaves(1), 1, 1, 3)) {
      Batch batch = new Batch(ActivationLayout.dense(Shape.of(2, 6, 5)), 3);
      batch.reset(3, 3);
      assertThatThrownBy(() -> run.replica(0).trainStep(batch, 0, 0))
          .hasMessageContaining("30 labels for each example")
          .hasMessageContaining("(4, 6, 5): got 1");
    }
  }
}
