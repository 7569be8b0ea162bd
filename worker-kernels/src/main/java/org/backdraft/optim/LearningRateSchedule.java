package org.backdraft.optim;

import java.io.Serializable;
import java.util.List;
import org.backdraft.tensor.Checks;

/**
 * The learning rate of each step, as training goes on. Immutable; the same bits on every JVM.
 *
 * <p>Values are those of PyTorch's scheduler of the same kind (version 2.13). Where PyTorch leaves
 * it to its user whether a scheduler is stepped with each batch or with each epoch, drops ({@link
 * StepDecay}, {@link MultiStep}, {@link Exponential}) come at the ends of epochs, and curves
 * ({@link Polynomial}, {@link Cosine}, {@link OneCycle}) move with each step.
 */
public sealed interface LearningRateSchedule extends Serializable
    permits LearningRateSchedule.Constant,
        LearningRateSchedule.StepDecay,
        LearningRateSchedule.MultiStep,
        LearningRateSchedule.Exponential,
        LearningRateSchedule.Polynomial,
        LearningRateSchedule.Cosine,
        OneCycle,
        RangeTest,
        Warmup {
  /**
   * The learning rate of one step.
   *
   * @param initial the learning rate that training starts with, above 0; of {@link OneCycle} and
   *     {@link RangeTest} the highest one
   * @param step from 0
   * @param stepsPerEpoch at least 1
   * @param totalSteps of the whole training, at least 1
   */
  float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps);

  /** The same learning rate throughout. */
  record Constant() implements LearningRateSchedule {
    @Override
    public float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps) {
      return initial;
    }
  }

  /**
   * {@code initial · factor^⌊epoch / every⌋}.
   *
   * @param every epochs between two drops, at least 1
   * @param factor above 0
   */
  record StepDecay(int every, float factor) implements LearningRateSchedule {
    public StepDecay {
      Checks.argument(every >= 1, "schedule.every must be at least 1 epoch: got %d.", every);
      Ranges.aboveZero("schedule.factor", factor);
    }

    @Override
    public float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps) {
      return (float) (initial * StrictMath.pow(factor, (double) (step / stepsPerEpoch / every)));
    }
  }

  /**
   * {@code initial · factor^d}, d being how many milestones have been reached.
   *
   * @param milestones epochs, from 1, in rising order; at least one
   * @param factor above 0
   */
  record MultiStep(List<Integer> milestones, float factor) implements LearningRateSchedule {
    public MultiStep {
      milestones = List.copyOf(milestones);
      int before = 0;
      for (int each : milestones) {
        Checks.argument(
            each > before,
            "schedule.milestones must be epochs from 1 on, in rising order: got %s.",
            milestones);
        before = each;
      }
      Checks.argument(
          before > 0,
          "schedule.milestones must be given with multi-step, like 30,60,80: got none.");
      Ranges.aboveZero("schedule.factor", factor);
    }

    @Override
    public float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps) {
      long epoch = step / stepsPerEpoch;
      int reached = 0;
      while (reached < milestones.size() && milestones.get(reached) <= epoch) {
        reached++;
      }
      return (float) (initial * StrictMath.pow(factor, reached));
    }
  }

  /**
   * {@code initial · factor^epoch}.
   *
   * @param factor above 0
   */
  record Exponential(float factor) implements LearningRateSchedule {
    public Exponential {
      Ranges.aboveZero("schedule.factor", factor);
    }

    @Override
    public float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps) {
      return (float) (initial * StrictMath.pow(factor, (double) (step / stepsPerEpoch)));
    }
  }

  /**
   * {@code end + (initial − end) · (1 − step / totalSteps)^power}; PyTorch's has an end of 0.
   *
   * @param power above 0; 1 for a line
   * @param end at least 0
   */
  record Polynomial(float power, float end) implements LearningRateSchedule {
    public Polynomial {
      Ranges.aboveZero("schedule.power", power);
      Ranges.atLeastZero("schedule.end-lr", end);
    }

    @Override
    public float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps) {
      double left = 1 - (double) Math.min(step, totalSteps) / totalSteps;
      return (float) (end + ((double) initial - end) * StrictMath.pow(left, power));
    }
  }

  /**
   * Half a period of the cosine (Loshchilov and Hutter 2017, equation 5, without restarts): {@code
   * end + (initial − end) · (1 + cos(π · step / totalSteps)) / 2}.
   *
   * @param end at least 0
   */
  record Cosine(float end) implements LearningRateSchedule {
    public Cosine {
      Ranges.atLeastZero("schedule.end-lr", end);
    }

    @Override
    public float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps) {
      double done = (double) Math.min(step, totalSteps) / totalSteps;
      return (float) (end + ((double) initial - end) * 0.5 * (1 + StrictMath.cos(Math.PI * done)));
    }
  }
}
