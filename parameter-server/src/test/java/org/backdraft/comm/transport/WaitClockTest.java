package org.backdraft.comm.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaitClockTest {
  /** The clock of the JVM may start anywhere, and pass through zero. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1_000_000, -250, -1L << 50, 1L << 50})
  void waitsAddUpAndTheOneUnderWayCounts(long origin) {
    WaitClock clock = new WaitClock();
    assertThat(clock.nanos(origin)).isZero();
    clock.start(origin + 100);
    clock.start(origin + 150);
    assertThat(clock.nanos(origin + 160)).isEqualTo(60);
    clock.stop(origin + 200);
    clock.stop(origin + 300);
    assertThat(clock.nanos(origin + 400)).isEqualTo(100);
    clock.start(origin + 400);
    clock.stop(origin + 407);
    assertThat(clock.nanos(origin + 500)).isEqualTo(107);
  }
}
