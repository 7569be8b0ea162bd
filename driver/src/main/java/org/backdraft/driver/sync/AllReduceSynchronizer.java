package org.backdraft.driver.sync;

import java.io.IOException;
import org.backdraft.comm.Collectives;
import org.backdraft.leaf.Leaves;
import org.backdraft.plan.Batch;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.plan.Replica;

/** {@code allreduce}: the sums of all ranks go to all ranks, and each updates alike. */
public final class AllReduceSynchronizer implements Synchronizer {
  private final Replica replica;
  private final Collectives collectives;
  private final Updates updates;
  private final Leaves leaves;
  private final ReductionLayout layout;
  private final float[][] optimizerState;
  private final StepSums stepSums;
  private final StepSums noStep;

  /**
   * @param collectives of the gang; closed by who made them
   */
  public AllReduceSynchronizer(Replica replica, Collectives collectives, Updates updates) {
    this.replica = replica;
    this.collectives = collectives;
    this.updates = updates;
    leaves = replica.plan().request().leaves();
    layout = replica.plan().reduction();
    optimizerState = new float[updates.optimizer().stateSlots()][layout.parameters()];
    stepSums = new StepSums(layout, replica.sums()[0]);
    noStep = new StepSums(layout, replica.sums()[0], layout.lossIndex());
  }

  @Override
  public StepSums step(Batch batch, int epoch, long step, float learningRate)
      throws IOException, InterruptedException, DivergedException {
    replica.trainStep(batch, updates.seed(), epoch);
    float[][] sums = replica.sums();
    collectives.allReduce(leaves, sums, 0, layout.size(), step);
    if (Thread.interrupted()) {
      throw new InterruptedException("Told to stop in step " + step + ".");
    }
    if (!Float.isFinite(stepSums.loss(0))) {
      throw DivergedException.of(replica, step);
    }
    replica.update(
        updates.optimizer(), updates.clipping(), sums[0], optimizerState, learningRate, step + 1);
    return stepSums;
  }

  @Override
  public StepSums settle(long step) {
    return noStep;
  }

  @Override
  public void close() {}
}
