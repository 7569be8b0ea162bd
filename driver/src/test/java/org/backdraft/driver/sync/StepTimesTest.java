package org.backdraft.driver.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StepTimesTest {
  @Test
  void lapsAddUpToTheStep() {
    StepTimes times = new StepTimes();
    times.start(1_000);
    times.computed(1_300);
    times.exchanged(50, 1_400);
    times.computed(1_425);
    times.exchanged(10, 1_445);

    assertThat(times.computeNanos()).isEqualTo(325);
    assertThat(times.waitingNanos()).isEqualTo(60);
    assertThat(times.communicationNanos()).isEqualTo(60);

    times.start(2_000);
    assertThat(times.computeNanos() + times.waitingNanos() + times.communicationNanos()).isZero();
  }

  @Test
  void nobodyWaitsLongerThanTheExchangeTook() {
    StepTimes times = new StepTimes();
    times.start(0);
    times.exchanged(500, 100);
    assertThat(times.waitingNanos()).isEqualTo(100);
    assertThat(times.communicationNanos()).isZero();
  }
}
