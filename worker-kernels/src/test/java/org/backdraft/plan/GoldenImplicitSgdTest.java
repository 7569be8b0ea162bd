package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
import org.backdraft.optim.ImplicitSgd;
import org.backdraft.optim.ProximalStep;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Implicit steps of a linear model, one example a step, against the solution of their equation in
 * float64. The file is written by {@code src/test/python/golden_implicit.py}.
 */
class GoldenImplicitSgdTest {
  private static final int FEATURES = 6;
  private static final int STEPS = 10;

  /** A loss of one output and its slope. */
  private interface OutputLoss {
    double at(double output, double target);

    double slope(double output, double target);
  }

  private static final OutputLoss SQUARED =
      new OutputLoss() {
        @Override
        public double at(double output, double target) {
          return (output - target) * (output - target) / 2;
        }

        @Override
        public double slope(double output, double target) {
          return output - target;
        }
      };

  private static final OutputLoss LOGISTIC =
      new OutputLoss() {
        @Override
        public double at(double output, double target) {
          return Math.log1p(Math.exp(-Math.signum(target) * output));
        }

        @Override
        public double slope(double output, double target) {
          return -Math.signum(target) / (1 + Math.exp(Math.signum(target) * output));
        }
      };

  private static ParameterBlocks blocks(int count) {
    return new ParameterBlocks(
        new ParameterTable(
            List.of(new ParameterSpec("w", Shape.of(count), ParameterSpec.Role.WEIGHT, 1, 1))));
  }

  @ParameterizedTest
  @CsvSource({
    "squared-error, small, 0.05, 3",
    "squared-error, large, 20, 3",
    "squared-error, huge, 10000, 3",
    "logistic, small, 0.05, 4",
    "logistic, large, 20, 9",
    "logistic, huge, 10000, 24"
  })
  void stepsSolveTheirEquation(String name, String size, double rate, int evaluations) {
    OutputLoss loss = name.equals("logistic") ? LOGISTIC : SQUARED;
    String[] words = properties().getProperty(name + "-" + size).split(" ");
    float[] features = GoldenData.signedUnit(1, STEPS * FEATURES);
    float[] targets = GoldenData.signedUnit(2, STEPS);
    ProximalStep walk = new ProximalStep(blocks(FEATURES));
    float[] w = new float[FEATURES];
    for (int t = 0; t < STEPS; t++) {
      float[] x = new float[FEATURES];
      for (int i = 0; i < FEATURES; i++) {
        x[i] = 2 * features[t * FEATURES + i];
      }
      walk.begin(w, rate);
      for (int i = 0; i < evaluations; i++) {
        double output = dot(w, x);
        double slope = loss.slope(output, targets[t]);
        for (int j = 0; j < FEATURES; j++) {
          w[j] = (float) (slope * x[j]);
        }
        walk.take(w, loss.at(output, targets[t]));
        walk.next(w);
      }
      walk.end(w);
      for (int i = 0; i < FEATURES; i++) {
        double expected = Double.parseDouble(words[t * FEATURES + i]);
        assertThat((double) w[i])
            .as("weight %d after step %d", i, t)
            .isCloseTo(expected, within(2e-4 * Math.max(1, Math.abs(expected))));
      }
    }
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /**
   * Rosenbrock's function is not convex, and far from the valley gradients are in the thousands.
   */
  @ParameterizedTest
  @CsvSource({"0.01", "1", "1000"})
  void aStepNeverRaisesTheLossOfItsBatch(double rate) {
    ProximalStep walk = new ProximalStep(blocks(2));
    float[] w = {-3, 4};
    double before = rosenbrock(w);
    for (int step = 0; step < 200; step++) {
      walk.begin(w, rate);
      for (int i = 0; i < 5; i++) {
        double loss = rosenbrock(w);
        float[] gradient = slope(w);
        walk.take(gradient, loss);
        walk.next(w);
      }
      walk.end(w);
      double after = rosenbrock(w);
      assertThat(after).isLessThanOrEqualTo(before * (1 + 1e-6));
      before = after;
    }
    assertThat(before).isLessThan(5);
  }

  private static double rosenbrock(float[] w) {
    double x = w[0];
    double y = w[1];
    return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x);
  }

  private static float[] slope(float[] w) {
    double x = w[0];
    double y = w[1];
    return new float[] {
      (float) (-2 * (1 - x) - 400 * x * (y - x * x)), (float) (200 * (y - x * x))
    };
  }

  @Test
  void anEvaluationThatIsNotFiniteBringsTheNextOneNearer() {
    ProximalStep walk = new ProximalStep(blocks(1));
    float[] w = {2};
    walk.begin(w, 100);
    walk.take(new float[] {1}, 1);
    walk.next(w);
    assertThat(w[0]).isEqualTo(1);
    walk.refuse();
    walk.next(w);
    assertThat(w[0]).isEqualTo(1.9f);
    walk.end(w);
    assertThat(w[0]).isEqualTo(2);
  }

  @Test
  void settingsAreChecked() {
    assertThatThrownBy(() -> new ImplicitSgd(1))
        .hasMessageContaining("optimizer.implicit.evaluations")
        .hasMessageContaining("got 1");
    assertThatThrownBy(() -> new ImplicitSgd(3).withWeightDecay(1))
        .hasMessageContaining("optimizer.weight-decay must be 0 with implicit-sgd");
  }

  private static Properties properties() {
    Properties properties = new Properties();
    try (InputStream in =
        GoldenImplicitSgdTest.class.getResourceAsStream("/golden/implicit.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
