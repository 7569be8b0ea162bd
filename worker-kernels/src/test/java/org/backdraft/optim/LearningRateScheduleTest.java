package org.backdraft.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
  @Test
  void constantStaysAsItIs() {
    LearningRateSchedule schedule = LearningRateSchedule.named("constant", 0, 0);
    assertThat(schedule.learningRate(0.3f, 12345, 10, 20)).isEqualTo(0.3f);
  }

  @Test
  void stepDropsByItsFactorEverySoManyEpochs() {
    LearningRateSchedule schedule = LearningRateSchedule.named("step", 2, 0.5f);
    assertThat(schedule.learningRate(0.8f, 0, 10, 100)).isEqualTo(0.8f);
    assertThat(schedule.learningRate(0.8f, 19, 10, 100)).isEqualTo(0.8f);
    assertThat(schedule.learningRate(0.8f, 20, 10, 100)).isEqualTo(0.4f);
    assertThat(schedule.learningRate(0.8f, 99, 10, 100)).isEqualTo(0.05f);
  }

  @Test
  void cosineGoesFromTheInitialRateToZero() {
    LearningRateSchedule schedule = LearningRateSchedule.named("cosine", 0, 0);
    assertThat(schedule.learningRate(0.8f, 0, 10, 100)).isEqualTo(0.8f);
    assertThat(schedule.learningRate(0.8f, 50, 10, 100)).isEqualTo(0.4f);
    assertThat(schedule.learningRate(0.8f, 25, 10, 100)).isEqualTo(0.68284273f);
    assertThat(schedule.learningRate(0.8f, 100, 10, 100)).isZero();
    assertThat(schedule.learningRate(0.8f, 101, 10, 100)).isZero();
  }

  @Test
  void mistakesAreRefusedByTheirKey() {
    assertThatThrownBy(() -> LearningRateSchedule.named("cosin", 1, 1))
        .hasMessageContaining("[constant, step, cosine]: got 'cosin'");
    assertThatThrownBy(() -> LearningRateSchedule.named("step", 0, 1))
        .hasMessageContaining("schedule.every");
    assertThatThrownBy(() -> LearningRateSchedule.named("step", 1, 0))
        .hasMessageContaining("schedule.factor");
  }
}
