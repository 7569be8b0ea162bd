package org.backdraft.optim;

import org.backdraft.tensor.Checks;

/**
 * A linear rise in front of another schedule (Goyal et al. 2017, section 2.2): in the first n steps
 * the rate is {@code initial · (start + (1 − start) · step / n)}; then the other one begins as if
 * nothing had been before it, its epochs counted from there, and has the steps that are left. So
 * PyTorch's {@code SequentialLR} puts a {@code LinearLR} before a scheduler.
 *
 * <p>A training that ends earlier has the steps of the rise alone.
 *
 * @param length how long the rise takes, at least 1
 * @param unit of the length
 * @param start the factor of the first step, in (0, 1]
 */
public record Warmup(LearningRateSchedule then, long length, Unit unit, float start)
    implements LearningRateSchedule {
  /** What a length is counted in. */
  public enum Unit {
    STEPS,
    EPOCHS
  }

  public Warmup {
    Checks.argument(length >= 1, "schedule.warmup must be at least 1 long: got %d.", length);
    Checks.argument(
        start > 0 && start <= 1, "schedule.warmup-start must lie in (0, 1]: got %s.", start);
  }

  @Override
  public float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps) {
    long steps = unit == Unit.STEPS ? length : Math.multiplyExact(length, stepsPerEpoch);
    if (step < steps) {
      double factor = start + (1.0 - start) * step / steps;
      return (float) (initial * factor);
    }
    return then.learningRate(initial, step - steps, stepsPerEpoch, Math.max(1, totalSteps - steps));
  }
}
