package org.backdraft.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiceTest {
  private static final int DRAWS = 20_000;

  private static double[] sorted(float alpha) {
    Dice dice = new Dice();
    double[] draws = new double[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      dice.roll(11, i);
      draws[i] = dice.beta(alpha);
    }
    Arrays.sort(draws);
    assertThat(draws[0]).isNotNegative();
    assertThat(draws[DRAWS - 1]).isLessThanOrEqualTo(1);
    return draws;
  }

  @ParameterizedTest
  @ValueSource(floats = {0.01f, 0.2f, 0.5f, 1, 2, 8})
  void betaVariatesHaveMeanAndVarianceOfTheirDistribution(float alpha) {
    double[] draws = sorted(alpha);
    double mean = Arrays.stream(draws).average().orElseThrow();
    double variance = Arrays.stream(draws).map(x -> (x - 0.5) * (x - 0.5)).average().orElseThrow();
    // Four deviations of the mean, whose variance is at most 1/4 for one draw.
    assertThat(mean).isCloseTo(0.5, within(2 / Math.sqrt(DRAWS)));
    assertThat(variance).isCloseTo(1 / (4 * (2 * alpha + 1.0)), within(0.004));
  }

  /** For these the distribution function is known: x, and 2/π · asin(√x). */
  @Test
  void betaVariatesAreUniformOrFollowTheArcSine() {
    double[] uniform = sorted(1);
    double[] arcSine = sorted(0.5f);
    double most = 0;
    for (int i = 0; i < DRAWS; i++) {
      double share = (i + 0.5) / DRAWS;
      most = Math.max(most, Math.abs(uniform[i] - share));
      most = Math.max(most, Math.abs(2 / Math.PI * Math.asin(Math.sqrt(arcSine[i])) - share));
    }
    // Kolmogorov: above 1.95/√n by chance once in a thousand.
    assertThat(most).isLessThan(1.95 / Math.sqrt(DRAWS));
  }
}
