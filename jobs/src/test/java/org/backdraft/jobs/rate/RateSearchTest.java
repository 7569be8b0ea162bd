package org.backdraft.jobs.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.backdraft.driver.RankTimes;
import org.backdraft.driver.TrainingListener;
import org.junit.jupiter.api.Test;

final class RateSearchTest {
  private static final int STEPS = 200;
  private static final RankTimes TIMES =
      new RankTimes(new double[1], new double[1], new double[1], new double[1], new double[1]);

  private final AtomicInteger stops = new AtomicInteger();
  private final RateSearch search = new RateSearch(STEPS, stops::incrementAndGet);

  private static double rate(int step) {
    return 1e-6 * StrictMath.pow(1e7, step / (STEPS - 1.0));
  }

  private void take(int step, double loss) {
    search.onStep(new TrainingListener.Step(0, step, loss, rate(step), 1, TIMES));
  }

  /** 2.3 down to 0.5 around 1e-2, steepest there, and up again beyond 1. */
  private static double loss(double rate) {
    double decades = StrictMath.log10(rate);
    double fall = 1.8 / (1 + StrictMath.exp(-3 * (decades + 2)));
    return 2.3 - fall + StrictMath.exp(6 * (decades - 0.3));
  }

  private RateCurve noisy() {
    SplittableRandom random = new SplittableRandom(5);
    for (int step = 0; step < STEPS; step++) {
      take(step, loss(rate(step)) * (1 + 0.04 * (random.nextDouble() - 0.5)));
    }
    return search.curve();
  }

  @Test
  void theSteepestPointOfANoisyCurveIsFoundAndTheRunStopsWhenItGrows() {
    RateCurve curve = noisy();
    assertThat(curve.hasDiverged()).isTrue();
    assertThat(curve.steps()).isLessThan(STEPS);
    assertThat(stops).hasValue(1);
    double steepest = curve.rate(curve.steepest().orElseThrow());
    assertThat(StrictMath.log10(steepest)).isCloseTo(-2, within(0.3));
    double lowest = curve.rate(curve.lowest().orElseThrow());
    assertThat(StrictMath.log10(lowest)).isBetween(-1.5, 0.2);
    assertThat(curve.results().get("suggested_lr")).isEqualTo((float) steepest);
    assertThat(curve.csv().lines()).hasSize(1 + curve.steps());
    assertThat(curve.svg()).contains("steepest", "</svg>");
  }

  /** A fall behind a clear rise, however steep and low, is not where to train. */
  @Test
  void whatIsWonBackAfterARiseDoesNotCount() {
    for (int step = 0; step < STEPS; step++) {
      double noise = 0.01 * (step % 3);
      double fall = step < 60 ? 0 : Math.min(1, (step - 60) / 40.0);
      double bump = step >= 110 && step < 130 ? 1 : step >= 130 ? -0.5 : 0;
      take(step, 2.3 - 1.3 * fall + bump + noise);
    }
    RateCurve curve = search.curve();
    assertThat(curve.lowest().orElseThrow()).isBetween(95, 109);
    assertThat(curve.steepest().orElseThrow()).isBetween(60, 100);
  }

  @Test
  void aLossThatDoesNotFallGivesNoRate() {
    for (int step = 0; step < STEPS; step++) {
      take(step, 2.3 + 0.01 * (step % 3));
    }
    RateCurve curve = search.curve();
    assertThat(stops).as("all steps are done").hasValue(1);
    assertThat(curve.steps()).isEqualTo(STEPS);
    assertThat(curve.hasDiverged()).isFalse();
    assertThat(curve.steepest()).isEmpty();
    assertThat(curve.results()).containsEntry("suggested_lr", null);
  }

  @Test
  void stepsThatAreDoneAgainCountOnce() {
    for (int step = 0; step < 50; step++) {
      take(step, 1);
    }
    search.onRestart(new TrainingListener.Restart(0, 20, 1, "a lost worker"));
    for (int step = 20; step < 60; step++) {
      take(step, 1);
    }
    assertThat(search.curve().steps()).isEqualTo(60);
    assertThat(search.curve().rate(59)).isEqualTo(rate(59));
    assertThat(search.isOver()).isFalse();
  }

  @Test
  void aRunThatDivergesAtOnceHasACurveToo() {
    search.diverge();
    RateCurve curve = search.curve();
    assertThat(curve.steps()).isZero();
    assertThat(curve.steepest()).isEmpty();
    assertThat(curve.hasDiverged()).isTrue();
    assertThat(curve.svg()).contains("</svg>");
  }
}
