package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RankTimesTest {
  private static RankTimes times(double[] compute, double[] waiting) {
    int ranks = compute.length;
    return new RankTimes(compute, new double[ranks], waiting, new double[ranks], new double[ranks]);
  }

  @Test
  void theRankThatOthersWaitForStandsOut() {
    RankTimes times = times(new double[] {80, 100, 80, 80}, new double[] {20, 0, 20, 20});

    RankTimes.Straggler straggler = times.straggler().orElseThrow();

    assertThat(straggler.rank()).isEqualTo(1);
    assertThat(straggler.excess()).isEqualTo(0.25);
    assertThat(straggler.waiting()).isEqualTo(0.2);
  }

  @Test
  void waitingForDataMakesASlowRankToo() {
    RankTimes times =
        new RankTimes(
            new double[] {50, 50},
            new double[2],
            new double[] {50, 0},
            new double[] {0, 50},
            new double[2]);
    assertThat(times.straggler().orElseThrow().rank()).isEqualTo(1);
  }

  @Test
  void nobodyStandsOutAmongEqualsOrAlone() {
    assertThat(times(new double[] {80, 84, 80}, new double[] {10, 0, 10}).straggler()).isEmpty();
    assertThat(times(new double[] {80, 100}, new double[] {2, 0}).straggler()).isEmpty();
    assertThat(times(new double[] {80}, new double[] {0}).straggler()).isEmpty();
    assertThat(RankTimes.unknown(4).straggler()).isEmpty();
  }
}
