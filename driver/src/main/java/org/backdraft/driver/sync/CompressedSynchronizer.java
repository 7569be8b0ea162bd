package org.backdraft.driver.sync;

import java.io.IOException;
import org.backdraft.comm.compression.CompressedCollectives;
import org.backdraft.plan.LocalBatch;

/** A strategy whose collectives compress: tells them of each step before it begins. */
final class CompressedSynchronizer implements Synchronizer {
  private final Synchronizer strategy;
  private final CompressedCollectives collectives;

  /**
   * @param strategy that uses {@code collectives}; closed with this
   */
  CompressedSynchronizer(Synchronizer strategy, CompressedCollectives collectives) {
    this.strategy = strategy;
    this.collectives = collectives;
  }

  @Override
  public StepSums step(LocalBatch batch, int epoch, long step, float learningRate)
      throws IOException, InterruptedException, DivergedException {
    collectives.startStep(batch.globalSize());
    return strategy.step(batch, epoch, step, learningRate);
  }

  @Override
  public StepSums settle(long step) throws IOException, InterruptedException, DivergedException {
    return strategy.settle(step);
  }

  @Override
  public OptimizerState state(long steps) throws IOException, InterruptedException {
    return strategy.state(steps);
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
