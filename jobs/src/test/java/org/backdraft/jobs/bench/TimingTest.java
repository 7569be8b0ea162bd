package org.backdraft.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class TimingTest {
  @Test
  void theMedianIsUntouchedByOneSlowRun() {
    assertThat(Timing.median(new long[] {3_000, 1_000, 9_000_000})).isEqualTo(3e-6, within(1e-12));
    assertThat(Timing.median(new long[] {4_000, 2_000, 1_000, 8_000_000}))
        .isEqualTo(3e-6, within(1e-12));
  }

  @Test
  void everyRunIsWorkThatWasDone() {
    AtomicInteger done = new AtomicInteger();
    Timing timing = Timing.of(done::incrementAndGet, 0.01);
    assertThat(timing.runs()).isGreaterThanOrEqualTo(3).isLessThan(done.get());
    assertThat(timing.medianSeconds()).isPositive().isLessThan(0.01);
    assertThat(timing.warmUpSeconds()).isPositive();
  }

  /**
   * However little time is asked for: the compiler gets its two seconds, the work its three runs.
   */
  @Test
  void aShortMeasurementIsWarmedUpAllTheSame() {
    Timing timing =
        Timing.of(
            () -> {
              long end = System.nanoTime() + 1_000_000;
              while (System.nanoTime() < end) {
                Thread.onSpinWait();
              }
            },
            1e-6);
    assertThat(timing.runs()).isEqualTo(3);
    assertThat(timing.medianSeconds()).isGreaterThanOrEqualTo(1e-3);
    assertThat(timing.settled()).isTrue();
    assertThat(timing.warmUpSeconds()).isBetween(2.0, 12.6);
  }

  @Test
  void variationIsTheDeviationOverTheMean() {
    // Mean 5, variance (9 + 1 + 1 + 9) / 3.
    assertThat(Timing.variation(new long[] {2, 4, 6, 8}))
        .isCloseTo(Math.sqrt(20.0 / 3) / 5, offset(1e-12));
  }

  @Test
  void noTimeIsNoMeasurement() {
    assertThatThrownBy(() -> Timing.of(() -> {}, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("above 0");
  }
}
