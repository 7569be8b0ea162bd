package org.backdraft.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

class BfgsTest {
  private static final int COUNT = 17;

  private final SplittableRandom random = new SplittableRandom(20261127);

  private static ParameterBlocks blocks(int count) {
    return new ParameterBlocks(
        new ParameterTable(
            List.of(new ParameterSpec("w", Shape.of(count), ParameterSpec.Role.WEIGHT, count, 1))));
  }

  private float[] values(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** The change of the gradient of Σ (i + 1) x², so that curvatures are positive. */
  private static float[] gradientChange(float[] s) {
    float[] y = new float[s.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = 2 * (i + 1) * s[i];
    }
    return y;
  }

  /** The formula as it is printed, in double. */
  private static double[][] updated(double[][] h, float[] s, float[] y) {
    int n = s.length;
    double rho = 1 / dot(y, s);
    double[][] left = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        left[i][j] = (i == j ? 1 : 0) - rho * s[i] * y[j];
      }
    }
    double[][] product = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          for (int l = 0; l < n; l++) {
            product[i][j] += left[i][k] * h[k][l] * left[j][l];
          }
        }
        product[i][j] += rho * s[i] * s[j];
      }
    }
    return product;
  }

  @Test
  void learnsByTheFormulaOfNocedalAndWright() {
    InverseHessian known = new Bfgs().inverseHessian(blocks(COUNT));
    double[][] expected = null;
    for (int step = 0; step < 4; step++) {
      float[] s = values(COUNT);
      float[] y = gradientChange(s);
      if (expected == null) {
        expected = new double[COUNT][COUNT];
        for (int i = 0; i < COUNT; i++) {
          expected[i][i] = dot(y, s) / dot(y, y);
        }
      }
      expected = updated(expected, s, y);
      known.learn(s, y, dot(y, s));
      for (int i = 0; i < COUNT; i++) {
        for (int j = 0; j < COUNT; j++) {
          assertThat((double) known.saved()[i][j]).isCloseTo(expected[i][j], within(1e-6));
        }
      }
      // The secant equation: what was learnt last takes the gradient's change back.
      float[] minusS = known.direction(y);
      for (int i = 0; i < COUNT; i++) {
        assertThat(minusS[i]).isCloseTo(-s[i], within(1e-5f));
      }
    }
  }

  /** {@code Σ 100 (x[2i+1] − x[2i]²)² + (1 − x[2i])²}, Rosenbrock's valley, least at ones. */
  private static class Valley implements Objective<RuntimeException> {
    private final int most;
    private int evaluations;

    Valley(int most) {
      this.most = most;
    }

    @Override
    public double at(float[] x, float[] gradient) {
      evaluations++;
      double sum = 0;
      for (int i = 0; i < x.length; i += 2) {
        double a = x[i + 1] - (double) x[i] * x[i];
        double b = 1 - (double) x[i];
        sum += 100 * a * a + b * b;
        gradient[i] = (float) (-400 * a * x[i] - 2 * b);
        gradient[i + 1] = (float) (200 * a);
      }
      return sum;
    }

    @Override
    public boolean goesOn() {
      return evaluations < most;
    }
  }

  @Test
  void findsTheEndOfRosenbrocksValley() {
    float[] start = {-1.2f, 1, 0.5f, -0.7f};
    QuasiNewtonSearch search = new QuasiNewtonSearch(new Bfgs(), blocks(4), start);
    search.run(new Valley(150), 1);
    for (float each : search.weights()) {
      assertThat(each).isCloseTo(1, within(1e-3f));
    }
  }

  @Test
  void goesOnFromWhatItSavedAsIfNothingHadBeen() {
    float[] start = {-1.2f, 1, 0.5f, -0.7f};
    QuasiNewtonSearch whole = new QuasiNewtonSearch(new Bfgs(), blocks(4), start);
    float[][][] saved = new float[1][][];
    float[][] weights = new float[1][];
    double[] value = new double[1];
    int[] turns = new int[1];
    Valley valley =
        new Valley(60) {
          @Override
          public boolean turns() {
            if (++turns[0] == 5) {
              saved[0] = copy(whole.saved());
              weights[0] = whole.weights().clone();
              value[0] = whole.value();
            }
            return turns[0] < 12;
          }
        };
    whole.run(valley, 1);
    QuasiNewtonSearch rest =
        QuasiNewtonSearch.restored(new Bfgs(), blocks(4), weights[0], saved[0], value[0]);
    int[] more = {4};
    rest.goOn(
        new Valley(60) {
          @Override
          public boolean turns() {
            return ++more[0] < 12;
          }
        },
        1);
    assertThat(rest.weights()).containsExactly(whole.weights());
  }

  private static float[][] copy(float[][] arrays) {
    float[][] copies = new float[arrays.length][];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = arrays[i].clone();
    }
    return copies;
  }

  @Test
  void refusesMoreParametersThanAMatrixIsGoodFor() {
    assertThat(new Bfgs().hessianArrays(Bfgs.MOST_PARAMETERS)).isEqualTo(Bfgs.MOST_PARAMETERS);
    assertThatThrownBy(() -> new Bfgs().hessianArrays(Bfgs.MOST_PARAMETERS + 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 4096: got 4097. Use lbfgs.");
  }
}
