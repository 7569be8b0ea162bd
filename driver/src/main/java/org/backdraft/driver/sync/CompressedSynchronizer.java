package org.backdraft.driver.sync;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.compression.CompressedCollectives;
import org.backdraft.plan.LocalBatch;
import org.backdraft.tensor.ParameterBlocks;

/** A strategy whose collectives compress: tells them of each step before it begins. */
final class CompressedSynchronizer implements Synchronizer {
  private final Synchronizer strategy;
  private final CompressedCollectives collectives;
  private final ParameterBlocks blocks;
  private final int slot;

  /**
   * @param strategy that uses {@code collectives}; closed with this
   * @param blocks of the parameters
   * @param slot the number of the array of what this rank owes
   */
  CompressedSynchronizer(
      Synchronizer strategy, CompressedCollectives collectives, ParameterBlocks blocks, int slot) {
    this.strategy = strategy;
    this.collectives = collectives;
    this.blocks = blocks;
    this.slot = slot;
  }

  @Override
  public StepSums step(LocalBatch batch, int epoch, long step, float learningRate)
      throws IOException, InterruptedException, DivergedException {
    collectives.startStep(batch.globalSize());
    return strategy.step(batch, epoch, step, learningRate);
  }

  @Override
  public void awaitParameters() throws IOException, InterruptedException {
    strategy.awaitParameters();
  }

  @Override
  public StepSums settle(long step) throws IOException, InterruptedException, DivergedException {
    return strategy.settle(step);
  }

  @Override
  public List<KeptArrays> state(long steps) throws IOException, InterruptedException {
    List<KeptArrays> state = new ArrayList<>(strategy.state(steps));
    if (collectives.residuals().length > 0) {
      state.add(KeptArrays.whole(blocks, new float[][] {collectives.residuals()}, slot, true));
    }
    return state;
  }

  @Override
  public StepTimes times() {
    return strategy.times();
  }

  @Override
  public void close() {
    strategy.close();
  }
}
