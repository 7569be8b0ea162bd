package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartBudgetTest {
  @Test
  void restartsComeBackWhenTheirWindowIsOver() {
    RestartBudget budget = new RestartBudget(2);
    long window = RestartBudget.WINDOW.toNanos();
    long start = Long.MAX_VALUE - Duration.ofMinutes(1).toNanos(); // the clock may wrap around
    assertThat(budget.take(start)).isTrue();
    assertThat(budget.take(start + window / 2)).isTrue();
    assertThat(budget.take(start + window)).isFalse();
    assertThat(budget.take(start + window + 1)).isTrue();
    assertThat(budget.take(start + window + 2)).isFalse();
    assertThat(budget.taken()).isEqualTo(3);
  }

  @Test
  void noneIsNone() {
    assertThat(new RestartBudget(0).take(0)).isFalse();
  }
}
