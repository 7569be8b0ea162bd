package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SaveTimerTest {
  private final AtomicLong clock = new AtomicLong(-5);

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  @Test
  void isDueOnceAfterEachPause() {
    SaveTimer timer = new SaveTimer(Optional.of(10), clock::get);
    pass(Duration.ofMinutes(9));
    assertThat(timer.isDue()).isFalse();
    pass(Duration.ofMinutes(1));
    assertThat(timer.isDue()).isTrue();
    assertThat(timer.isDue()).isFalse();
    pass(Duration.ofMinutes(9));
    timer.reset();
    pass(Duration.ofMinutes(9));
    assertThat(timer.isDue()).isFalse();
  }

  @Test
  void isNeverDueWithoutATime() {
    SaveTimer timer = new SaveTimer(Optional.empty(), clock::get);
    pass(Duration.ofDays(1000));
    assertThat(timer.isDue()).isFalse();
  }
}
