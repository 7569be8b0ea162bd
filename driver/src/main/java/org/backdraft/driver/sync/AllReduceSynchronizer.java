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
  private final StepTimes times = new StepTimes();

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
  }

  @Override
  public StepSums step(Batch batch, int epoch, long step, float learningRate)
      throws IOException, InterruptedException, DivergedException {
    times.start();
    replica.trainStep(batch, updates.seed(), epoch);
    times.computed();
    float[][] sums = replica.sums();
    long waitedNanos = collectives.waitedNanos();
    collectives.allReduce(leaves, sums, 0, layout.size(), step);
    times.exchanged(collectives.waitedNanos() - waitedNanos);
    if (Thread.interrupted()) {
      throw new InterruptedException("Told to stop in step " + step + ".");
    }
    if (!Float.isFinite(stepSums.loss())) {
      throw DivergedException.of(replica, step);
    }
    replica.update(
        updates.optimizer(), updates.clipping(), sums[0], optimizerState, learningRate, step + 1);
    times.computed();
    return stepSums;
  }

  @Override
  public StepTimes times() {
    return times;
  }

  @Override
  public void close() {}
}
