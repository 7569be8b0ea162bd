package org.backdraft.optim;

import org.backdraft.tensor.Checks;

/**
 * One cycle (Smith and Topin 2019) as PyTorch's {@code OneCycleLR}: from {@code initial /
 * startDivisor} up to {@code initial}, then down to {@code initial / startDivisor / endDivisor} at
 * the last step. With three phases, as in the paper, it falls as fast as it has risen, to where it
 * began, and the rest of the steps lead to the end. PyTorch cycles the momentum too, the other way
 * round; this does not ({@code cycle_momentum=False}).
 *
 * @param rise the share of all steps in which the rate rises, in (0, 1); at most ½ with three
 *     phases
 * @param startDivisor at least 1
 * @param endDivisor at least 1
 * @param isLinear whether phases are lines; else halves of a cosine
 * @param hasThreePhases whether there is a phase of falling between the rise and the last one
 */
public record OneCycle(
    float rise, float startDivisor, float endDivisor, boolean isLinear, boolean hasThreePhases)
    implements LearningRateSchedule {
  /** Of two phases. */
  public OneCycle(float rise, float startDivisor, float endDivisor, boolean isLinear) {
    this(rise, startDivisor, endDivisor, isLinear, false);
  }

  public OneCycle {
    Checks.argument(
        rise > 0 && rise < 1, "schedule.one-cycle.rise must lie in (0, 1): got %s.", rise);
    Checks.argument(
        !hasThreePhases || rise <= 0.5f,
        "schedule.one-cycle.rise must be at most 0.5 with three phases, the second of which is as"
            + " long as the first: got %s.",
        rise);
    atLeastOne("schedule.one-cycle.start-divisor", startDivisor);
    atLeastOne("schedule.one-cycle.end-divisor", endDivisor);
  }

  private static void atLeastOne(String key, float value) {
    Checks.argument(
        value >= 1 && Float.isFinite(value), "%s must be at least 1: got %s.", key, value);
  }

  @Override
  public float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps) {
    double start = (double) initial / startDivisor;
    double end = start / endDivisor;
    double top = (double) rise * totalSteps - 1; // the step at which the rate is highest
    double last = totalSteps - 1.0;
    double at = Math.min(step, totalSteps - 1);
    if (at <= top) {
      return (float) between(start, initial, top == 0 ? 1 : at / top);
    }
    if (!hasThreePhases) {
      return (float) between(initial, end, (at - top) / (last - top));
    }
    double back = 2.0 * rise * totalSteps - 2; // the step at which it is where it began
    if (at <= back) {
      return (float) between(initial, start, (at - top) / (back - top));
    }
    return (float) between(start, end, (at - back) / (last - back));
  }

  private double between(double from, double to, double share) {
    return isLinear
        ? from + (to - from) * share
        : to + (from - to) / 2 * (1 + StrictMath.cos(Math.PI * share));
  }
}
