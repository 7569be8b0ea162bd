package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.backdraft.optim.Bfgs;
import org.backdraft.optim.Lbfgs;
import org.backdraft.optim.Objective;
import org.backdraft.optim.QuasiNewtonSearch;
import org.backdraft.optim.SearchRule;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Searches in float32 against PyTorch in float64: its {@code LBFGS}, and BFGS with its line search.
 * The file is written by {@code src/test/python/golden_searches.py}.
 */
class GoldenSearchTest {
  private static final int COUNT = 12;
  private static final int ROWS = 40;
  private static final double RIDGE = 0.01;
  private static final int ITERATIONS = 10;

  private static ParameterBlocks blocks(int count) {
    return new ParameterBlocks(
        new ParameterTable(
            List.of(new ParameterSpec("w", Shape.of(count), ParameterSpec.Role.WEIGHT, count, 1))));
  }

  /** The loss of golden_searches.py, as often as it may be evaluated. */
  private static final class Logistic implements Objective<RuntimeException> {
    private final float[] rows = GoldenData.signedUnit(200, ROWS * COUNT);
    private final int most;
    private int evaluations;

    Logistic(int most) {
      this.most = most;
    }

    @Override
    public double at(float[] x, float[] gradient) {
      evaluations++;
      double[] sums = new double[COUNT];
      double loss = 0;
      for (int i = 0; i < ROWS; i++) {
        double product = 0;
        for (int j = 0; j < COUNT; j++) {
          product += 4.0 * rows[i * COUNT + j] * x[j];
        }
        loss += Math.log1p(Math.exp(product)) / ROWS;
        double slope = 1 / (1 + Math.exp(-product)) / ROWS;
        for (int j = 0; j < COUNT; j++) {
          sums[j] += slope * 4.0 * rows[i * COUNT + j];
        }
      }
      for (int j = 0; j < COUNT; j++) {
        loss += RIDGE / 2 * x[j] * x[j];
        gradient[j] = (float) (sums[j] + RIDGE * x[j]);
      }
      return loss;
    }

    @Override
    public boolean goesOn() {
      return evaluations < most;
    }
  }

  @ParameterizedTest
  @CsvSource({"lbfgs.plain, 1", "lbfgs.far, 12", "bfgs.plain, 1", "bfgs.far, 12"})
  void tenIterationsAreThoseOfPyTorch(String name, double rate) {
    SearchRule rule = name.startsWith("bfgs") ? new Bfgs() : new Lbfgs(4);
    Properties golden = properties();
    float[] start = GoldenData.signedUnit(201, COUNT);
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      int evaluations = Integer.parseInt(golden.getProperty(name + ".evaluations" + iteration));
      Logistic loss = new Logistic(evaluations);
      QuasiNewtonSearch search = new QuasiNewtonSearch(rule, blocks(COUNT), start);
      search.run(loss, rate);
      String[] words = golden.getProperty(name + ".x" + iteration).split(" ");
      for (int i = 0; i < COUNT; i++) {
        assertThat((double) search.weights()[i])
            .as("weight %d after iteration %d of %s", i, iteration, name)
            .isCloseTo(Double.parseDouble(words[i]), within(2e-4));
      }
      assertThat(loss.evaluations).isEqualTo(evaluations);
    }
  }

  /** A valley with a bend (Rosenbrock 1960): the line search has to narrow intervals. */
  @Test
  void findsTheEndOfRosenbrocksValley() {
    Objective<RuntimeException> valley =
        new Objective<>() {
          private int evaluations;

          @Override
          public double at(float[] x, float[] gradient) {
            evaluations++;
            double a = 1 - x[0];
            double b = x[1] - (double) x[0] * x[0];
            gradient[0] = (float) (-2 * a - 400 * b * x[0]);
            gradient[1] = (float) (200 * b);
            return a * a + 100 * b * b;
          }

          @Override
          public boolean goesOn() {
            return evaluations < 80;
          }
        };
    QuasiNewtonSearch search =
        new QuasiNewtonSearch(new Lbfgs(10), blocks(2), new float[] {-1.2f, 1});
    search.run(valley, 1);
    assertThat((double) search.weights()[0]).isCloseTo(1, within(1e-3));
    assertThat((double) search.weights()[1]).isCloseTo(1, within(2e-3));
  }

  @Test
  void whereTheGradientIsZeroThereIsNothingToDo() {
    float[] start = {3, 4};
    QuasiNewtonSearch search = new QuasiNewtonSearch(new Lbfgs(1), blocks(2), start);
    search.run(
        new Objective<RuntimeException>() {
          @Override
          public double at(float[] weights, float[] gradient) {
            Arrays.fill(gradient, 0);
            return 1;
          }

          @Override
          public boolean goesOn() {
            return true;
          }
        },
        1);
    assertThat(search.weights()).containsExactly(start);
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new Lbfgs(0)).hasMessageContaining("optimizer.history");
    assertThatThrownBy(() -> new Lbfgs(1).withWeightDecay(1)).hasMessageContaining("lbfgs");
  }

  private static Properties properties() {
    Properties properties = new Properties();
    try (InputStream in =
        GoldenSearchTest.class.getResourceAsStream("/golden/searches.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
