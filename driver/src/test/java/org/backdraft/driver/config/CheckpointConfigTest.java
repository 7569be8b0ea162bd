package org.backdraft.driver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.worker.CheckpointRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointConfigTest {
  @Test
  void termsAreStepsMinutesAndEpochs() {
    CheckpointConfig all = new CheckpointConfig("50 steps,10 min, 2 epochs", 3, 25);
    assertThat(all.rule()).isEqualTo(new CheckpointRule(50, 2));
    assertThat(all.minutes()).contains(10);
    CheckpointConfig one = new CheckpointConfig("1 epoch", 1, 25);
    assertThat(one.rule()).isEqualTo(new CheckpointRule(0, 1));
    assertThat(one.minutes()).isEmpty();
    CheckpointConfig never = new CheckpointConfig("never", 1, 25);
    assertThat(never.isNever()).isTrue();
    assertThat(never.rule()).isEqualTo(CheckpointRule.NEVER);
    assertThat(never.minutes()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "50", "steps", "0 steps", "-1 min", "5 hours", "5 min,", "1e3 steps"})
  void othersAreRefused(String every) {
    assertThatThrownBy(() -> new CheckpointConfig(every, 3, 25))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("checkpoint.every must be");
  }

  @Test
  void atLeastOneIsKept() {
    assertThatThrownBy(() -> new CheckpointConfig("never", 0, 25))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("checkpoint.keep must be at least 1: got 0");
  }
}
