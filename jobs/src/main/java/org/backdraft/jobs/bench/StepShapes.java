package org.backdraft.jobs.bench;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.BlockBorders;
import org.backdraft.driver.sync.Buckets;
import org.backdraft.nn.Network;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.scaling.StepShape;
import org.backdraft.tensor.ParameterBlocks;

/** What a training step of a network exchanges, for the scaling model. */
final class StepShapes {
  private StepShapes() {}

  /**
   * In the buckets of a run; each is needed, and final, when {@link StepFlops} says so.
   *
   * @param bucketBytes as {@code sync.bucket-bytes}
   */
  static StepShape of(Network network, int bucketBytes) {
    ParameterBlocks blocks = new ParameterBlocks(network.parameterTable());
    Buckets buckets = Buckets.of(blocks, bucketBytes);
    List<StepShape.Bucket> shapes = new ArrayList<>();
    for (int k = 0; k < buckets.count(); k++) {
      int begin = buckets.begin(k);
      shapes.add(
          new StepShape.Bucket(
              begin,
              buckets.end(k),
              StepFlops.doneWhenNeeded(network, begin),
              StepFlops.doneWhenFinal(network, begin)));
    }
    ReductionLayout layout = ReductionLayout.of(network);
    return new StepShape(
        shapes, BlockBorders.of(blocks), layout.parameters(), layout.size() - layout.parameters());
  }
}
