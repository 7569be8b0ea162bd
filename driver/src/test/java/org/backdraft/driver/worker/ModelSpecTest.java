package org.backdraft.driver.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.backdraft.driver.sync.ExchangeSpec;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.init.Initializer;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.plan.Plan;
import org.backdraft.ps.Consistency;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

class ModelSpecTest {
  private static final Kernels KERNELS = KernelLookup.choose().kernels();
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
            0,
            Plan.Options.DEFAULT,
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

  @Test
  void stateIsPlannedForAPartOfTheParametersOnly() {
    Network wide =
        Network.named("wide", Shape.of(1, 32, 32))
            .add("flatten", new Flatten())
            .add("fc1", Linear.of(1024))
            .add("fc2", Linear.of(10))
            .build();
    ParameterBlocks blocks = new ParameterBlocks(wide.parameterTable());
    int parameters = wide.parameterTable().size();
    for (int workers : new int[] {1, 2, 3, 8}) {
      for (int bucketBytes : new int[] {0, 1 << 20}) {
        SyncSpec sync = allReduce(bucketBytes);
        ModelSpec model =
            new ModelSpec(
                wide,
                Loss.SOFTMAX_CROSS_ENTROPY,
                new Leaves(8),
                16,
                1,
                sync.workerSlots(2),
                sync.ownedParameters(blocks, workers),
                Plan.Options.DEFAULT,
                new ModelSpec.Start(false, Initializer.HE, 1));
        Plan.Request request = model.request(workers - 1, workers, 100);
        int buckets = bucketBytes == 0 ? 1 : 5;
        int rounding = workers == 1 ? 0 : buckets * (ParameterBlocks.SIZE + 1);
        assertThat(request.ownedParameters())
            .isBetween(parameters / workers, parameters / workers + rounding);
        assertThat(Plan.compile(request, KERNELS).memory().optimizerBytes())
            .isEqualTo(2L * Float.BYTES * request.ownedParameters());
      }
    }
  }

  private static SyncSpec allReduce(int bucketBytes) {
    return new SyncSpec(
        SyncSpec.Strategy.ALL_REDUCE,
        new Consistency(Consistency.Mode.BSP, 0),
        SyncSpec.Placement.EXECUTORS,
        0,
        new ExchangeSpec.Usual(),
        bucketBytes,
        SyncSpec.Economy.NONE);
  }
}
