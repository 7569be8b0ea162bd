package org.backdraft.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LostExecutorsTest {
  @Test
  void differentReasonsAreToldOnceAndNotAllOfThem() {
    LostExecutors lost = new LostExecutors();
    assertThat(lost.words()).isEmpty();
    lost.add("no room");
    lost.add("exited with code 1");
    lost.add("no room");
    assertThat(lost.words()).hasValue("3 executor(s): no room; exited with code 1");
    for (int i = 0; i < 9; i++) {
      lost.add("reason " + i);
    }
    assertThat(lost.words()).hasValue("12 executor(s): no room; exited with code 1; reason 0");
  }
}
