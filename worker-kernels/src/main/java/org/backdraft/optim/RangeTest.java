package org.backdraft.optim;

/**
 * Every learning rate between two, for a search of the best one: {@code start · (initial /
 * start)^(step / (totalSteps − 1))}, so that each step's rate is the same multiple of the one
 * before (Smith 2017, <em>Cyclical learning rates for training neural networks</em>, section 3.3,
 * lets it grow by the same summand).
 *
 * @param start the rate of the first step, above 0
 */
public record RangeTest(float start) implements LearningRateSchedule {
  public RangeTest {
    Ranges.aboveZero("schedule.range-test.start-lr", start);
  }

  @Override
  public float learningRate(float initial, long step, long stepsPerEpoch, long totalSteps) {
    double share = totalSteps == 1 ? 1 : Math.min(1, step / (totalSteps - 1.0));
    return (float) (start * StrictMath.pow((double) initial / start, share));
  }
}
