package org.backdraft.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterSpec.Role;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

class InitializerTest {
  private static final int FAN_IN = 200;
  private static final int FAN_OUT = 101;

  private static final ParameterTable TABLE =
      new ParameterTable(
          List.of(
              new ParameterSpec(
                  "a.weight", Shape.of(FAN_OUT, FAN_IN), Role.WEIGHT, FAN_IN, FAN_OUT),
              new ParameterSpec("a.bias", Shape.of(FAN_OUT), Role.BIAS, FAN_IN, FAN_OUT),
              new ParameterSpec("n.weight", Shape.of(7), Role.SCALE, 0, 0),
              new ParameterSpec("n.bias", Shape.of(7), Role.SHIFT, 0, 0),
              new ParameterSpec("n.running_mean", Shape.of(7), Role.RUNNING_MEAN, 0, 0),
              new ParameterSpec("n.running_var", Shape.of(7), Role.RUNNING_VARIANCE, 0, 0),
              new ParameterSpec(
                  "b.weight", Shape.of(FAN_OUT, FAN_IN), Role.WEIGHT, FAN_IN, FAN_OUT)));

  private static float[] values(Initializer rule, long seed) {
    float[] values = new float[TABLE.size()];
    java.util.Arrays.fill(values, 9);
    rule.initialize(TABLE, values, seed);
    return values;
  }

  private static double[] moments(float[] values) {
    double sum = 0;
    double squares = 0;
    int count = FAN_IN * FAN_OUT;
    for (int i = 0; i < count; i++) {
      sum += values[i];
      squares += (double) values[i] * values[i];
    }
    return new double[] {sum / count, Math.sqrt(squares / count)};
  }

  @Test
  void spreadsAreThoseOfThePapers() {
    double noise = 4 / Math.sqrt(FAN_IN * FAN_OUT);
    double he = Math.sqrt(2.0 / FAN_IN);
    double[] moments = moments(values(Initializer.HE, 1));
    assertThat(moments[0]).isCloseTo(0, within(noise * he));
    assertThat(moments[1]).isCloseTo(he, within(noise * he));
    double bound = Math.sqrt(6.0 / (FAN_IN + FAN_OUT));
    moments = moments(values(Initializer.XAVIER, 1));
    assertThat(moments[0]).isCloseTo(0, within(noise * bound));
    assertThat(moments[1]).isCloseTo(bound / Math.sqrt(3), within(noise * bound));
    assertThat(moments(values(Initializer.NORMAL, 1))[1]).isCloseTo(0.01, within(noise * 0.01));
    assertThat(moments(values(Initializer.ZERO, 1))[1]).isZero();
  }

  @Test
  void uniformValuesFillTheirIntervalAndNeverLeaveIt() {
    double bound = Math.sqrt(6.0 / (FAN_IN + FAN_OUT));
    float[] values = values(Initializer.XAVIER, 3);
    float most = 0;
    for (int i = 0; i < FAN_IN * FAN_OUT; i++) {
      most = Math.max(most, Math.abs(values[i]));
    }
    assertThat((double) most).isBetween(0.999 * bound, (double) (float) bound);
  }

  @Test
  void everythingElseStartsAtZeroOrOne() {
    for (Initializer rule : Initializer.values()) {
      float[] values = values(rule, 1);
      for (ParameterTable.Entry entry : TABLE.entries()) {
        Role role = entry.spec().role();
        if (role == Role.WEIGHT) {
          continue;
        }
        float expected = role == Role.SCALE || role == Role.RUNNING_VARIANCE ? 1 : 0;
        for (int i = entry.begin(); i < entry.end(); i++) {
          assertThat(values[i]).as(entry.name()).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void valuesDependOnSeedAndTensorAndOnNothingElse() {
    float[] values = values(Initializer.HE, 1);
    assertThat(values(Initializer.HE, 1)).isEqualTo(values);
    assertThat(values(Initializer.HE, 2)).isNotEqualTo(values);
    int other = TABLE.entry("b.weight").begin();
    assertThat(values[other]).isNotEqualTo(values[0]);
  }

  @Test
  void namesAreThoseOfTheConfiguration() {
    assertThat(Initializer.names()).containsExactly("zero", "normal", "xavier", "he");
    assertThat(Initializer.named("xavier")).isSameAs(Initializer.XAVIER);
    assertThatThrownBy(() -> Initializer.named("xavierr"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[zero, normal, xavier, he]: got 'xavierr'");
  }
}
