package org.backdraft.optim;

import java.util.Arrays;
import org.backdraft.kernel.UpdateKernels;
import org.backdraft.tensor.Checks;

/**
 * Resilient propagation (Riedmiller and Braun 1993) in PyTorch's form: each parameter moves against
 * the sign of its gradient by a step of its own size, which grows while the sign stays and shrinks
 * when it turns. Meant for gradients over the whole data set.
 *
 * <p>The learning rate of step 1 is the size of all steps at first; later rates, and so a schedule,
 * mean nothing.
 *
 * @param etaMinus in (0, 1): factor of a shrinking step
 * @param etaPlus above 1: factor of a growing step
 * @param leastSize above 0
 * @param mostSize at least {@code leastSize}
 */
public record Rprop(float etaMinus, float etaPlus, float leastSize, float mostSize)
    implements Optimizer {
  static final String NAME = "rprop";

  public Rprop {
    Checks.argument(
        etaMinus > 0 && etaMinus < 1, "optimizer.eta-minus must be in (0, 1): got %s.", etaMinus);
    Checks.argument(
        etaPlus > 1 && Float.isFinite(etaPlus),
        "optimizer.eta-plus must be above 1: got %s.",
        etaPlus);
    Ranges.aboveZero("optimizer.step-min", leastSize);
    Checks.argument(
        mostSize >= leastSize && Float.isFinite(mostSize),
        "optimizer.step-max must be at least optimizer.step-min (%s): got %s.",
        leastSize,
        mostSize);
  }

  @Override
  public String name() {
    return NAME;
  }

  /** The gradient of the step before, and the size of each step. */
  @Override
  public int stateSlots() {
    return 2;
  }

  @Override
  public Rprop withWeightDecay(float weightDecay) {
    Checks.argument(
        weightDecay == 0,
        "optimizer.weight-decay must be 0 with rprop, which looks at the gradient's sign alone: got"
            + " %s.",
        weightDecay);
    return this;
  }

  @Override
  public void update(
      UpdateKernels kernels,
      float[] w,
      float[] g,
      float[][] state,
      int begin,
      int end,
      int shift,
      float denominator,
      float learningRate,
      long step) {
    if (step == 1) {
      Arrays.fill(state[1], begin + shift, end + shift, learningRate);
    }
    kernels.rprop(
        w,
        g,
        state[0],
        state[1],
        begin,
        end,
        shift,
        denominator,
        etaMinus,
        etaPlus,
        leastSize,
        mostSize);
  }
}
