package org.backdraft.optim;

import org.backdraft.kernel.UpdateKernels;
import org.backdraft.tensor.ParameterSpec;

/**
 * A rule whose rates come from sums over whole tensors, or over all of them. An update has two
 * passes with the sums between them: {@link #measure} over the blocks of {@link
 * org.backdraft.tensor.ParameterBlocks}, then {@link #update} with the learning rate times {@link
 * #trustRatio}, over any ranges that stay inside one tensor.
 *
 * <p>Biases, scales and shifts have a trust ratio of 1 and no weight decay, which is what LAMB's
 * published code does and what training of ResNets with LARS is usually given as.
 */
public interface LayerwiseOptimizer extends Optimizer {
  /** Whether a tensor of that role has a trust ratio and weight decay. */
  static boolean adapts(ParameterSpec.Role role) {
    return role.isWeight();
  }

  @Override
  LayerwiseOptimizer withWeightDecay(float weightDecay);

  /**
   * The first pass over one block {@code [begin, end)}; every block of all tensors has one. May
   * advance the state, but not w.
   *
   * @param state as in {@link #update}, and so is {@code shift}
   * @param weightSquares the block's sum of squares of parameters, written at {@code block}
   * @param directionSquares the block's sum of squares of what the ratio is about, likewise
   */
  void measure(
      UpdateKernels kernels,
      float[] w,
      float[] g,
      float[][] state,
      int begin,
      int end,
      int shift,
      float denominator,
      long step,
      double[] weightSquares,
      double[] directionSquares,
      int block);

  /**
   * What the learning rate of a tensor is multiplied by.
   *
   * @param weightSquares sum over all blocks of the tensor, and so is the next
   */
  float trustRatio(double weightSquares, double directionSquares, float denominator);

  /**
   * Whether the two sums are those over all tensors that are trained, and every tensor has the rate
   * that they make.
   */
  default boolean isGlobal() {
    return false;
  }

  /** The rate that the sums make of a learning rate; arguments as of {@link #trustRatio}. */
  default float rate(
      float learningRate, double weightSquares, double directionSquares, float denominator) {
    return learningRate * trustRatio(weightSquares, directionSquares, denominator);
  }
}
