package org.backdraft.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import org.junit.jupiter.api.Test;

class JitterTest {
  private static final int STEPS = 100_000;
  private static final double VARIATION = 0.3;

  @Test
  void meanIsOneAndVariationIsAsAsked() {
    Jitter jitter = new Jitter(VARIATION, 7);
    double sum = 0;
    double squares = 0;
    for (int step = 0; step < STEPS; step++) {
      double factor = jitter.factor(3, step);
      sum += factor;
      squares += factor * factor;
    }
    double mean = sum / STEPS;
    assertThat(mean).isCloseTo(1, offset(0.005));
    assertThat(Math.sqrt(squares / STEPS - mean * mean)).isCloseTo(VARIATION, offset(0.01));
  }

  @Test
  void theSlowerOfTwoTakesTwiceTheNormalDistributionAtSigmaOverRootTwo() {
    Jitter jitter = new Jitter(VARIATION, 8);
    double sum = 0;
    for (int step = 0; step < STEPS; step++) {
      sum += Math.max(jitter.factor(0, step), jitter.factor(1, step));
    }
    double sigma = Math.sqrt(StrictMath.log(1 + VARIATION * VARIATION));
    assertThat(sum / STEPS).isCloseTo(2 * normalDistribution(sigma / Math.sqrt(2)), offset(0.005));
  }

  /** By the trapezoidal rule. */
  private static double normalDistribution(double x) {
    int pieces = 1000;
    double sum = 0;
    for (int i = 0; i <= pieces; i++) {
      double t = x * i / pieces;
      sum += (i == 0 || i == pieces ? 0.5 : 1) * StrictMath.exp(-t * t / 2);
    }
    return 0.5 + sum * x / pieces / Math.sqrt(2 * Math.PI);
  }

  @Test
  void factorsDependOnSeedRankAndStepAlone() {
    Jitter jitter = new Jitter(VARIATION, 9);
    assertThat(jitter.factor(1, 2)).isEqualTo(new Jitter(VARIATION, 9).factor(1, 2));
    assertThat(jitter.factor(1, 2)).isNotEqualTo(jitter.factor(2, 1));
    assertThat(Jitter.NONE.factor(1, 2)).isEqualTo(1);
  }

  @Test
  void rejectsWhatIsNoVariation() {
    assertThatThrownBy(() -> new Jitter(-0.1, 0)).hasMessageContaining("[0, 10.0]");
    assertThatThrownBy(() -> new Jitter(Double.NaN, 0)).hasMessageContaining("NaN");
  }
}
