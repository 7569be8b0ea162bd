package org.backdraft.driver.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.UpdateKernels;
import org.backdraft.optim.Sgd;
import org.backdraft.optim.TensorRules;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.ps.BlockOptimizer;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

class LeaseOptimizerTest {
  private static final UpdateKernels KERNELS = KernelLookup.choose().kernels().update();

  /** Three parameters, two statistics with momentum 0.1 and 0.3, then scalars. */
  private static final ReductionLayout LAYOUT = new ReductionLayout(3, 2);

  private static final ParameterTable TABLE =
      new ParameterTable(
          List.of(new ParameterSpec("w", Shape.of(3), ParameterSpec.Role.WEIGHT, 3, 1)));

  private static final LeaseOptimizer OPTIMIZER =
      new LeaseOptimizer(
          TensorRules.of(new Sgd(0), TABLE), KERNELS, LAYOUT, new float[] {0.1f, 0.3f});

  private static void push(float[] table, float[] sums, int examples, int batch) {
    float[] totals =
        new LeaseOptimizer.Totals(
                examples, 0.5f * examples / batch, examples, examples / (float) batch)
            .toArray();
    BlockOptimizer.Block block = new BlockOptimizer.Block(0, table, sums, new float[0][]);
    OPTIMIZER.update(block, 0, table.length, totals, 1);
  }

  @Test
  void theLeasesOfABatchMoveParametersAsFarAsTheBatch() {
    float[] whole = {1, 2, 3, 10, 20, 7, 7, 7, 7, 7};
    float[] parts = whole.clone();
    push(whole, new float[] {8, -4, 16, 40, 80, 1, 1, 1, 1, 1}, 8, 8);
    push(parts, new float[] {3, -1, 4, 10, 20, 1, 1, 1, 1, 1}, 2, 8);
    push(parts, new float[] {5, -3, 12, 30, 60, 1, 1, 1, 1, 1}, 6, 8);

    for (int i = 0; i < LAYOUT.parameters(); i++) {
      assertThat(parts[i]).as("parameter %d", i).isCloseTo(whole[i], within(1e-6f));
    }
    assertThat(whole[0]).isEqualTo(1 - 0.5f * 8 / 8);
  }

  @Test
  void theLeasesOfABatchMoveStatisticsAsFarAsTheBatch() {
    // Each lease has the same mean, so all of them together are the batch.
    float[] whole = {1, 2, 3, 10, 20, 7, 7, 7, 7, 7};
    float[] parts = whole.clone();
    push(whole, new float[] {0, 0, 0, 40, 80, 1, 1, 1, 1, 1}, 8, 8);
    for (int lease = 0; lease < 4; lease++) {
      push(parts, new float[] {0, 0, 0, 10, 20, 1, 1, 1, 1, 1}, 2, 8);
    }

    assertThat(whole[3]).isCloseTo(0.9f * 10 + 0.1f * 5, within(1e-5f));
    assertThat(whole[4]).isCloseTo(0.7f * 20 + 0.3f * 10, within(1e-5f));
    assertThat(parts[3]).isCloseTo(whole[3], within(1e-5f));
    assertThat(parts[4]).isCloseTo(whole[4], within(1e-5f));
  }

  @Test
  void lossAndCountsStayAsTheyAre() {
    float[] table = {1, 2, 3, 10, 20, 7, 7, 7, 7, 7};
    push(table, new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 8, 8);

    assertThat(table).endsWith(7, 7, 7, 7, 7);
  }

  @Test
  void aBlockBeginsAnywhere() {
    float[] table = {1, 2, 3, 10, 20, 7, 7, 7, 7, 7};
    float[] sums = {8, -4, 16, 40, 80, 1, 1, 1, 1, 1};
    float[] whole = table.clone();
    push(whole, sums.clone(), 8, 8);
    float[] totals = new LeaseOptimizer.Totals(8, 0.5f, 8, 1).toArray();
    for (int begin = 0; begin < table.length; begin += 2) {
      float[] values = {table[begin], table[begin + 1]};
      float[] pushed = {sums[begin], sums[begin + 1]};
      OPTIMIZER.update(
          new BlockOptimizer.Block(begin, values, pushed, new float[0][]), 0, 2, totals, 1);
      assertThat(values).containsExactly(whole[begin], whole[begin + 1]);
    }
  }
}
