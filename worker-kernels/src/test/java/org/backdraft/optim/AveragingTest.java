package org.backdraft.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AveragingTest {
  @Test
  void ofAPolyakAverageAllStepsCountAlike() {
    Averaging polyak = new Averaging(Averaging.Kind.POLYAK, 0.9, 2);
    assertThat(polyak.counted(19, 10)).isZero();
    assertThat(polyak.counted(20, 10)).isZero();
    assertThat(polyak.counted(23, 10)).isEqualTo(3);
    double average = 0;
    for (int n = 0; n < 5; n++) {
      average += polyak.share(n) * (n * n - average);
    }
    assertThat(average).isCloseTo((0 + 1 + 4 + 9 + 16) / 5.0, within(1e-6));
  }

  @Test
  void ofAnExponentialOneTheFirstStepIsItAll() {
    Averaging ema = new Averaging(Averaging.Kind.EXPONENTIAL, 0.75, 0);
    assertThat(ema.share(0)).isEqualTo(1);
    assertThat(ema.share(1)).isEqualTo(0.25f);
    assertThat(ema.share(1000)).isEqualTo(0.25f);
    assertThat(Averaging.NONE.counted(1000, 10)).isZero();
  }

  @Test
  void aDecayOfOneWouldNeverMove() {
    assertThatThrownBy(() -> new Averaging(Averaging.Kind.EXPONENTIAL, 1, 0))
        .hasMessageContaining("train.average.decay");
  }
}
