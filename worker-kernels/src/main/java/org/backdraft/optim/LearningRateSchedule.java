package org.backdraft.optim;

import java.io.Serializable;
import java.util.List;
import org.backdraft.tensor.Checks;

/**
 * The factor that the learning rate is multiplied by, as training goes on. Immutable; the same bits
 * on every JVM.
 */
public sealed interface LearningRateSchedule extends Serializable {
  /**
   * The learning rate of one step.
   *
   * @param initial the learning rate that training starts with, above 0
   * @param step from 0
   * @param stepsPerEpoch at least 1
   * @param totalSteps of the whole training, at least 1
   */
  float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps);

  /** All names in configuration. */
  static List<String> names() {
    return List.of("constant", "step", "cosine");
  }

  /**
   * The schedule of that name.
   *
   * @param every epochs between two drops of {@code step}
   * @param factor of each drop of {@code step}
   * @throws IllegalArgumentException if no schedule has that name or a setting that it needs is out
   *     of range; names the configuration key
   */
  static LearningRateSchedule named(String name, int every, float factor) {
    return switch (name) {
      case "constant" -> new Constant();
      case "step" -> new StepDecay(every, factor);
      case "cosine" -> new Cosine();
      default ->
          throw new IllegalArgumentException(
              "schedule.name must be one of %s: got '%s'.".formatted(names(), name));
    };
  }

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
      Checks.argument(
          factor > 0 && Float.isFinite(factor), "schedule.factor must be above 0: got %s.", factor);
    }

    @Override
    public float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps) {
      long drops = step / stepsPerEpoch / every;
      return (float) (initial * StrictMath.pow(factor, drops));
    }
  }

  /**
   * Half a period of the cosine (Loshchilov and Hutter 2017, equation 5, without restarts): {@code
   * initial · (1 + cos(π · step / totalSteps)) / 2}.
   */
  record Cosine() implements LearningRateSchedule {
    @Override
    public float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps) {
      double done = (double) Math.min(step, totalSteps) / totalSteps;
      return (float) (initial * 0.5 * (1 + StrictMath.cos(Math.PI * done)));
    }
  }
}
