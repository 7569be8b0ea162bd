package org.backdraft.nn;

import java.util.Arrays;

/**
 * The middle of a batch normalization that is frozen: makes the constants of all examples from the
 * running statistics, which stay as they are. A channel's gradient is that of a factor, {@code dx =
 * weight / √(var + ε) · dy}; weight and bias get none.
 */
final class BatchNormFrozen implements Operation {
  private final BatchNormMemory memory;
  private final BatchNormConstants constants;

  /**
   * @param memory with one table of constants
   */
  BatchNormFrozen(BatchNormMemory memory, BatchNormConstants constants) {
    this.memory = memory;
    this.constants = constants;
  }

  @Override
  public void prepare(Pass pass, int thread) {
    constants.putRunning(pass, thread);
    if (pass.training() && thread == 0) {
      for (int subtree = 0; subtree < pass.subtrees().size(); subtree++) {
        clear(pass.sums(subtree));
      }
    }
  }

  /** Sums are sent with those of other layers: nothing of the step before may be left in them. */
  private void clear(float[] sums) {
    clear(sums, constants.scaleGradient());
    clear(sums, constants.shiftGradient());
    clear(sums, constants.meanStatistic());
    clear(sums, constants.varianceStatistic());
  }

  private void clear(float[] sums, int begin) {
    Arrays.fill(sums, begin, begin + memory.channels, 0);
  }

  @Override
  public Scope scope(boolean backward) {
    return Scope.NOTHING;
  }
}
