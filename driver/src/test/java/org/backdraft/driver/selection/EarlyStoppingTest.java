package org.backdraft.driver.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class EarlyStoppingTest {
  private static final double NAN = Double.NaN;

  /** How many epochs of those values a training has, −1 for all of them. */
  private static int end(EarlyStopping rule, double... losses) {
    EarlyStopping.State state = EarlyStopping.State.BEGINNING;
    for (int epoch = 0; epoch < losses.length; epoch++) {
      state =
          rule.after(state, epoch, new ValidationScores(losses[epoch], losses[epoch], Map.of()));
      if (rule.isOver(state)) {
        return epoch + 1;
      }
    }
    return -1;
  }

  private static EarlyStopping loss(int patience, double minDelta, int first) {
    return new EarlyStopping(Monitor.LOSS, patience, minDelta, first);
  }

  /** What Keras's EarlyStopping and Lightning's do with the same numbers. */
  @Test
  void patienceCountsEpochsInARow() {
    assertThat(end(loss(1, 0, 0), 3, 2, 2)).isEqualTo(3);
    assertThat(end(loss(2, 0, 0), 3, 2, 2.5, 1, 1.5, 1.2, 0.5)).isEqualTo(6);
    assertThat(end(loss(2, 0, 0), 3, 2.5, 2.7, 2, 2.5, 1)).isEqualTo(-1);
  }

  @Test
  void whatIsNoBetterThanByDeltaIsBad() {
    assertThat(end(loss(2, 0.5, 0), 3, 2.6, 2.5)).as("exactly delta is not more").isEqualTo(3);
    assertThat(end(loss(2, 0.5, 0), 3, 2.6, 2.4, 2.3, 1.8)).isEqualTo(-1);
  }

  @Test
  void anAccuracyRises() {
    EarlyStopping rule = new EarlyStopping(Monitor.ACCURACY, 2, 0.01, 0);
    assertThat(end(rule, 0.5, 0.6, 0.7)).isEqualTo(-1);
    assertThat(end(rule, 0.5, 0.505, 0.4)).isEqualTo(3);
  }

  @Test
  void whatIsNoNumberIsNeverBetter() {
    assertThat(end(loss(2, 0, 0), NAN, NAN)).isEqualTo(2);
    assertThat(end(loss(2, 0, 0), NAN, 3, NAN, 2, NAN)).isEqualTo(-1);
    EarlyStopping.State state =
        loss(2, 0, 0)
            .after(EarlyStopping.State.BEGINNING, 0, new ValidationScores(NAN, 0, Map.of()));
    assertThat(state.bestEpoch()).isEqualTo(-1);
  }

  @Test
  void epochsBeforeTheFirstDoNotCount() {
    EarlyStopping rule = loss(1, 0, 2);
    assertThat(end(rule, 1, 2, 3, 2.5, 2.6)).isEqualTo(5);
  }

  @Test
  void metricsAreMonitoredByName() {
    ValidationScores scores = new ValidationScores(1, 0.25, Map.of("mae", 0.5, "rand", 0.75));
    assertThat(Monitor.named("val_mae").of(scores)).isEqualTo(0.5);
    assertThat(Monitor.named("val_rand").of(scores)).isEqualTo(0.75);
    assertThat(Monitor.named("val_accuracy").of(scores)).isEqualTo(0.25);
    assertThat(Monitor.MSE.of(scores)).isNaN();
    assertThatThrownBy(() -> Monitor.named("mae"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one of val_loss, val_accuracy, val_mse");
  }
}
