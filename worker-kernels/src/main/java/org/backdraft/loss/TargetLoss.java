package org.backdraft.loss;

import org.backdraft.kernel.LossKernels;

/** A loss that compares each output with a number, as a regression does; a label's are one-hot. */
public sealed interface TargetLoss extends Loss
    permits AbsoluteError, BinaryCrossEntropy, Huber, MeanSquaredError, SquaredError {
  /** An output for each number. */
  @Override
  default boolean takesTargets(int targets, int outputs) {
    return targets == outputs;
  }

  /**
   * The loss of one example whose outputs have targets, not yet divided, and its gradient.
   *
   * @param outputs how many there are
   * @param targets as many numbers from {@code targetBase} on
   * @param dx null where no gradient is wanted
   */
  float evaluate(
      LossKernels kernels,
      float[] x,
      int xBase,
      int outputs,
      float[] targets,
      int targetBase,
      float[] dx,
      int dxBase);
}
