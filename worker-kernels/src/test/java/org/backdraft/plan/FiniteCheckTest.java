package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.backdraft.concurrent.Team;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiniteCheckTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void oneValueIsFoundInAnyShare(int threads) {
    int begin = 5;
    int end = 100_003;
    float[] values = new float[end + 1];
    values[begin - 1] = Float.NaN;
    values[end] = Float.NaN;
    try (Team team = new Team(threads)) {
      FiniteCheck check = new FiniteCheck(LocalRun.KERNELS.update(), team);
      assertThat(check.isFinite(values, begin, end)).isTrue();
      for (int at = begin; at < end; at += 7919) {
        values[at] = Float.NEGATIVE_INFINITY;
        assertThat(check.isFinite(values, begin, end)).as("at %d", at).isFalse();
        values[at] = 1;
      }
      assertThat(check.isFinite(values, begin, end)).isTrue();
      assertThat(check.isFinite(values, begin - 1, begin + 9)).isFalse();
    }
  }
}
