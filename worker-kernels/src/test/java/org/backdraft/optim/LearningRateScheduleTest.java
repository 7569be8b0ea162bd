package org.backdraft.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link GoldenSchedulesTest} does not see: ends, and what PyTorch's have not. */
class LearningRateScheduleTest {
  @Test
  void constantStaysAsItIs() {
    LearningRateSchedule schedule = new LearningRateSchedule.Constant();
    assertThat(schedule.learningRate(0.3f, 12345, 10, 20)).isEqualTo(0.3f);
  }

  @Test
  void stepDropsByItsFactorEverySoManyEpochs() {
    LearningRateSchedule schedule = new LearningRateSchedule.StepDecay(2, 0.5f);
    assertThat(schedule.learningRate(0.8f, 0, 10, 100)).isEqualTo(0.8f);
    assertThat(schedule.learningRate(0.8f, 19, 10, 100)).isEqualTo(0.8f);
    assertThat(schedule.learningRate(0.8f, 20, 10, 100)).isEqualTo(0.4f);
    assertThat(schedule.learningRate(0.8f, 99, 10, 100)).isEqualTo(0.05f);
  }

  @Test
  void cosineGoesFromTheInitialRateToItsEndAndStaysThere() {
    LearningRateSchedule schedule = new LearningRateSchedule.Cosine(0);
    assertThat(schedule.learningRate(0.8f, 0, 10, 100)).isEqualTo(0.8f);
    assertThat(schedule.learningRate(0.8f, 50, 10, 100)).isEqualTo(0.4f);
    assertThat(schedule.learningRate(0.8f, 25, 10, 100)).isEqualTo(0.68284273f);
    assertThat(schedule.learningRate(0.8f, 100, 10, 100)).isZero();
    assertThat(schedule.learningRate(0.8f, 101, 10, 100)).isZero();
    assertThat(new LearningRateSchedule.Cosine(0.1f).learningRate(0.8f, 100, 10, 100))
        .isEqualTo(0.1f);
  }

  @Test
  void polynomialMayEndAboveZero() {
    LearningRateSchedule schedule = new LearningRateSchedule.Polynomial(1, 0.2f);
    assertThat(schedule.learningRate(1, 0, 10, 100)).isEqualTo(1);
    assertThat(schedule.learningRate(1, 50, 10, 100)).isEqualTo(0.6f);
    assertThat(schedule.learningRate(1, 200, 10, 100)).isEqualTo(0.2f);
  }

  @Test
  void oneCycleHasARateForEveryStepOfAnyTraining() {
    for (long total = 1; total < 12; total++) {
      OneCycle schedule = new OneCycle(0.3f, 25, 10_000, false);
      for (long step = 0; step <= total; step++) {
        assertThat(schedule.learningRate(0.8f, step, 1, total)).isPositive().isBetween(0f, 0.8f);
      }
    }
  }

  @Test
  void aTrainingMayEndWithinItsWarmup() {
    Warmup schedule = new Warmup(new LearningRateSchedule.Cosine(0), 100, Warmup.Unit.STEPS, 0.5f);
    assertThat(schedule.learningRate(0.8f, 0, 10, 50)).isEqualTo(0.4f);
    assertThat(schedule.learningRate(0.8f, 49, 10, 50)).isEqualTo(0.596f);
    assertThat(schedule.learningRate(0.8f, 100, 10, 50)).isEqualTo(0.8f);
  }

  @Test
  void aValidationThatIsNoNumberIsABadOne() {
    Plateau plateau = new Plateau(0.5f, 0, 0, 0, 0, false);
    Plateau.State state = plateau.after(Plateau.State.BEGINNING, 1, 1);
    assertThat(plateau.after(state, Double.NaN, 1).scale()).isEqualTo(0.5);
    assertThat(plateau.after(Plateau.State.BEGINNING, Double.NaN, 1).best()).isNaN();
  }

  @Test
  void aRangeTestMultipliesTheRateByTheSameFactorAtEachStep() {
    RangeTest schedule = new RangeTest(1e-6f);
    assertThat(schedule.learningRate(10, 0, 3, 8)).isEqualTo(1e-6f);
    assertThat(schedule.learningRate(10, 7, 3, 8)).isEqualTo(10);
    for (int step = 1; step < 8; step++) {
      double factor =
          schedule.learningRate(10, step, 3, 8)
              / (double) schedule.learningRate(10, step - 1, 3, 8);
      assertThat(factor).isCloseTo(10, within(1e-4));
    }
    assertThat(schedule.learningRate(10, 0, 3, 1)).isEqualTo(10);
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        bad("schedule.every", () -> new LearningRateSchedule.StepDecay(0, 1)),
        bad("schedule.factor", () -> new LearningRateSchedule.StepDecay(1, 0)),
        bad("schedule.milestones", () -> new LearningRateSchedule.MultiStep(List.of(), 1)),
        bad("schedule.milestones", () -> new LearningRateSchedule.MultiStep(List.of(3, 3), 1)),
        bad("schedule.milestones", () -> new LearningRateSchedule.MultiStep(List.of(0, 3), 1)),
        bad("schedule.factor", () -> new LearningRateSchedule.Exponential(Float.NaN)),
        bad("schedule.power", () -> new LearningRateSchedule.Polynomial(0, 0)),
        bad("schedule.end-lr", () -> new LearningRateSchedule.Cosine(-1)),
        bad("schedule.one-cycle.rise", () -> new OneCycle(1, 25, 1, false)),
        bad("schedule.one-cycle.rise", () -> new OneCycle(0.6f, 25, 1, false, true)),
        bad("schedule.range-test.start-lr", () -> new RangeTest(0)),
        bad("schedule.one-cycle.start-divisor", () -> new OneCycle(0.5f, 0.5f, 1, false)),
        bad("schedule.one-cycle.end-divisor", () -> new OneCycle(0.5f, 1, 0, false)),
        bad("schedule.warmup-start", () -> warmup(1, 0)),
        bad("schedule.warmup must", () -> warmup(0, 1)),
        bad("schedule.factor", () -> new Plateau(1, 1, 0, 0, 0, false)),
        bad("schedule.plateau.patience", () -> new Plateau(0.5f, -1, 0, 0, 0, false)),
        bad("schedule.plateau.threshold", () -> new Plateau(0.5f, 1, 1, 0, 0, false)),
        bad("schedule.plateau.cooldown", () -> new Plateau(0.5f, 1, 0, -1, 0, false)),
        bad("schedule.end-lr", () -> new Plateau(0.5f, 1, 0, 0, -1, false)));
  }

  private static Warmup warmup(long length, float start) {
    return new Warmup(new LearningRateSchedule.Constant(), length, Warmup.Unit.STEPS, start);
  }

  private static Arguments bad(String key, ThrowingCallable making) {
    return Arguments.of(key, making);
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void mistakesAreRefusedByTheirKey(String key, ThrowingCallable making) {
    assertThatThrownBy(making)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key);
  }
}
