package org.backdraft.optim;

import java.io.Serializable;
import org.backdraft.kernel.UpdateKernels;

/**
 * A rule that turns gradient sums into new parameters, element by element over ranges: stateless,
 * all state lies in arrays that the caller keeps. Immutable and thread-safe.
 */
public interface Optimizer extends Serializable {
  /** The name in configuration: {@code sgd}, {@code adam} … */
  String name();

  /** How many state arrays the rule needs; each holds 0 before step 1. */
  int stateSlots();

  /**
   * The same rule with another weight decay.
   *
   * @param weightDecay at least 0
   * @throws IllegalArgumentException if the rule can have none
   */
  Optimizer withWeightDecay(float weightDecay);

  /**
   * One update of {@code [begin, end)}, in one pass.
   *
   * @param w parameters, written
   * @param g gradient sums over the global batch
   * @param state {@link #stateSlots} arrays, written; of element i at {@code i + shift}
   * @param shift 0 where state is kept for all parameters, else from the range's begin to where its
   *     state begins
   * @param denominator what the sums are divided by, once; holds the factor of clipping too
   * @param learningRate above 0
   * @param step 1 for the first update
   */
  void update(
      UpdateKernels kernels,
      float[] w,
      float[] g,
      float[][] state,
      int begin,
      int end,
      int shift,
      float denominator,
      float learningRate,
      long step);
}
