package org.backdraft.optim;

import java.util.Arrays;
import org.backdraft.kernel.UpdateKernels;

/**
 * Adagrad (Duchi, Hazan and Singer 2011) in PyTorch's form: the gradient divided by the root of the
 * sum of all its squares, with a rate of {@code rate / (1 + (step − 1) · lrDecay)}.
 *
 * @param lrDecay at least 0
 * @param initialAccumulator at least 0: what the sum of squares starts with
 * @param epsilon above 0, added to the root
 * @param weightDecay at least 0, added to the gradient as {@code weightDecay · w}
 */
public record Adagrad(float lrDecay, float initialAccumulator, float epsilon, float weightDecay)
    implements Optimizer {
  static final String NAME = "adagrad";

  public Adagrad {
    Ranges.atLeastZero("optimizer.lr-decay", lrDecay);
    Ranges.atLeastZero("optimizer.initial-accumulator", initialAccumulator);
    Ranges.aboveZero("optimizer.epsilon", epsilon);
    Ranges.atLeastZero("optimizer.weight-decay", weightDecay);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int stateSlots() {
    return 1;
  }

  @Override
  public Adagrad withWeightDecay(float weightDecay) {
    return new Adagrad(lrDecay, initialAccumulator, epsilon, weightDecay);
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
      Arrays.fill(state[0], begin + shift, end + shift, initialAccumulator);
    }
    float rate = (float) (learningRate / (1 + (step - 1) * (double) lrDecay));
    kernels.adagrad(w, g, state[0], begin, end, shift, denominator, weightDecay, rate, epsilon);
  }
}
