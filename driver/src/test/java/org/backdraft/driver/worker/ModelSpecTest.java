package org.backdraft.driver.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.backdraft.init.Initializer;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

class ModelSpecTest {
  private static final Network NET =
      Network.named("net", Shape.of(4)).add("fc", Linear.of(2)).build();

  @Test
  void theCapacityHoldsEveryBatchOfEveryRank() {
    for (int batch = 1; batch <= 40; batch++) {
      for (int leafCount = 1; leafCount <= 16; leafCount *= 2) {
        for (int examples = batch; examples <= 3 * batch + 1; examples += 1 + batch / 5) {
          check(batch, new Leaves(leafCount), examples);
        }
      }
    }
  }

  private static void check(int batch, Leaves leaves, int examples) {
    ModelSpec model =
        new ModelSpec(
            NET,
            Loss.SOFTMAX_CROSS_ENTROPY,
            leaves,
            batch,
            1,
            0,
            new ModelSpec.Start(false, Initializer.HE, 1));
    for (int worldSize = 1; worldSize <= leaves.count(); worldSize++) {
      for (int rank = 0; rank < worldSize; rank++) {
        LeafRange range = leaves.rangeOf(rank, worldSize);
        int capacity = model.request(rank, worldSize, examples).capacity();
        for (int begin = 0; begin < examples; begin += batch) {
          int size = Math.min(batch, examples - begin);
          int local = leaves.begin(range.end(), size) - leaves.begin(range.begin(), size);
          assertThat(capacity).isGreaterThanOrEqualTo(local);
        }
      }
    }
  }
}
