package org.backdraft.plan;

import java.util.Optional;
import org.backdraft.optim.Optimizer;

/**
 * A worker's copy of a network, with memory: weights, buffers, activations, gradients and a team of
 * threads. Steps allocate nothing.
 *
 * <p>Used by one thread, which is the team's thread 0.
 */
public final class Replica implements AutoCloseable {
  private final Plan plan;

  /** Allocates the plan's memory and starts {@code plan.threads() - 1} threads. */
  public Replica(Plan plan) {
    this.plan = plan;
  }

  public Plan plan() {
    return plan;
  }

  /** All parameters, in logical order at the offsets of the network's parameter table. */
  public float[] parameters() {
    throw new UnsupportedOperationException();
  }

  /** All buffers, likewise of the buffer table. */
  public float[] buffers() {
    throw new UnsupportedOperationException();
  }

  /**
   * The sums of the last {@link #trainStep}: one array in {@link ReductionLayout} order for each
   * subtree of this worker's leaves.
   */
  public float[][] sums() {
    throw new UnsupportedOperationException();
  }

  /**
   * Forward, loss and backward over the local batch; overwrites {@link #sums}. Parameters and
   * buffers do not change.
   *
   * @param seed with epoch and example ids the key of dropout's random numbers
   */
  public void trainStep(Batch batch, long seed, long epoch) {
    throw new UnsupportedOperationException();
  }

  /**
   * Applies the sums over the global batch: running statistics of batch normalisation, then the
   * optimiser, divided by the number of examples once.
   *
   * @param sum in {@link ReductionLayout} order, over all leaves
   * @param state the optimiser's arrays, of the parameters' length
   * @param step 1 for the first update of the run
   */
  public void update(
      Optimizer optimizer, float[] sum, float[][] state, float learningRate, long step) {
    throw new UnsupportedOperationException();
  }

  /**
   * Inference (no dropout, running statistics) over the batch. An example's numbers do not depend
   * on the examples beside it.
   *
   * @param losses per example, written
   * @param labelRanks per example, written: how many outputs are larger than the label's (equal
   *     ones of a smaller class count too), so 0 is a hit and below 5 a top-5 hit
   */
  public void evaluate(Batch batch, float[] losses, int[] labelRanks) {
    throw new UnsupportedOperationException();
  }

  /** The first layer, in order of the nodes, whose last output holds a NaN or an infinity. */
  public Optional<String> firstNonFiniteLayer() {
    throw new UnsupportedOperationException();
  }

  /** Ends the team's threads. */
  @Override
  public void close() {}
}
