package org.backdraft.baseline;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.DecompositionSolver;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * The linear answer with the least squared error: of examples x with targets t it is {@code y = b +
 * W (x − m)}, where m and b are the means of both and W has the least {@code Σ |y − t|² + λ |W|²}.
 * The ridge λ is the mean of {@code |x − m|²}: it weighs about as much as one more example does,
 * and lets there be more features than examples.
 *
 * <p>With X of rows {@code x − m}, T of rows {@code t − b}, and I the identity, {@code (XᵀX + λI)
 * Wᵀ = XᵀT}; where there are more features than examples, with the same result, {@code Wᵀ = Xᵀ (XXᵀ
 * + λI)⁻¹ T} (Bishop 2006, <em>Pattern Recognition and Machine Learning</em>, sections 3.1 and
 * 6.1).
 *
 * <p><b>Cost</b>: with k the lesser of examples and features, {@code examples · features · (k / 2 +
 * 2 outputs)} multiplications; two matrices of k² doubles, and W. In double and in one order: its
 * bits are the same everywhere.
 */
final class LeastSquares {
  /** The most multiplications: a few seconds. The two matrices have 64 MB then. */
  private static final double WORK = 4e9;

  /** The most weights, and the most targets: 64 MB. */
  private static final long DOUBLES = 1 << 23;

  /** Columns that are held beside each other while their products are summed. */
  private static final int TILE = 256;

  private final float[] inputs;
  private final int examples;
  private final int features;
  private final int outputs;
  private final double[] inputMeans;
  private final double[] targetMeans;
  private double[][] weights; // of each output

  /** The distance of a value of an example from its mean. */
  private interface Values {
    double at(int row, int column);
  }

  /** With W of zeros: answers with the mean of the targets. */
  private LeastSquares(float[] inputs, int features, double[][] targets) {
    this.inputs = inputs;
    this.features = features;
    examples = targets.length;
    outputs = targets[0].length;
    inputMeans = new double[features];
    targetMeans = new double[outputs];
    weights = new double[outputs][features];
    for (int e = 0; e < examples; e++) {
      for (int i = 0; i < features; i++) {
        inputMeans[i] += inputs[e * features + i];
      }
      for (int o = 0; o < outputs; o++) {
        targetMeans[o] += targets[e][o];
      }
    }
    Arrays.setAll(inputMeans, i -> inputMeans[i] / examples);
    Arrays.setAll(targetMeans, o -> targetMeans[o] / examples);
  }

  /** Whether it takes little time and memory. */
  static boolean isCheap(int examples, int features, int outputs) {
    double k = Math.min(examples, features);
    return (double) examples * features * (k / 2 + 2.0 * outputs) <= WORK
        && (long) features * outputs <= DOUBLES
        && (long) examples * outputs <= DOUBLES;
  }

  /**
   * Of at least one example, in the form that is cheaper.
   *
   * @param inputs example e in {@code [e · features, (e + 1) · features)}
   * @param targets of each example, at least one
   */
  static LeastSquares of(float[] inputs, int features, double[][] targets) {
    return of(inputs, features, targets, features > targets.length);
  }

  /**
   * Likewise in a given form.
   *
   * @param isDual whether it is that of more features than examples
   */
  static LeastSquares of(float[] inputs, int features, double[][] targets, boolean isDual) {
    LeastSquares answer = new LeastSquares(inputs, features, targets);
    answer.fit(targets, isDual);
    return answer;
  }

  /** The means of targets, whatever the inputs. */
  static LeastSquares ofMeans(double[][] targets) {
    return new LeastSquares(new float[0], 0, targets);
  }

  private void fit(double[][] targets, boolean isDual) {
    double[][] distances = new double[examples][outputs];
    for (int e = 0; e < examples; e++) {
      for (int o = 0; o < outputs; o++) {
        distances[e][o] = targets[e][o] - targetMeans[o];
      }
    }
    double[][] gram =
        isDual ? gram(examples, features, this::at) : gram(features, examples, (i, e) -> at(e, i));
    double trace = 0;
    for (int i = 0; i < gram.length; i++) {
      trace += gram[i][i];
    }
    if (!(trace > 0 && Double.isFinite(trace))) {
      return; // all inputs are the same, or not numbers
    }
    double ridge = trace / examples;
    for (int i = 0; i < gram.length; i++) {
      gram[i][i] += ridge;
    }
    DecompositionSolver solver =
        new CholeskyDecomposition(
                matrix(gram), CholeskyDecomposition.DEFAULT_RELATIVE_SYMMETRY_THRESHOLD, 0)
            .getSolver();
    weights =
        isDual
            ? crossed(solver.solve(matrix(distances)).getData())
            : solver.solve(matrix(crossed(distances)).transpose()).transpose().getData();
  }

  private static RealMatrix matrix(double[][] rows) {
    return new Array2DRowRealMatrix(rows, false);
  }

  private double at(int example, int feature) {
    return inputs[example * features + feature] - inputMeans[feature];
  }

  /** Products of rows with each other. */
  private static double[][] gram(int rows, int columns, Values values) {
    double[][] gram = new double[rows][rows];
    double[][] tile = new double[rows][TILE];
    for (int from = 0; from < columns; from += TILE) {
      int width = Math.min(TILE, columns - from);
      for (int i = 0; i < rows; i++) {
        for (int c = 0; c < width; c++) {
          tile[i][c] = values.at(i, from + c);
        }
        for (int j = 0; j <= i; j++) {
          gram[i][j] += product(tile[i], tile[j], width);
        }
      }
    }
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < i; j++) {
        gram[j][i] = gram[i][j];
      }
    }
    return gram;
  }

  private static double product(double[] a, double[] b, int length) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int i = 0;
    for (; i + 3 < length; i += 4) {
      sum0 += a[i] * b[i];
      sum1 += a[i + 1] * b[i + 1];
      sum2 += a[i + 2] * b[i + 2];
      sum3 += a[i + 3] * b[i + 3];
    }
    for (; i < length; i++) {
      sum0 += a[i] * b[i];
    }
    return (sum0 + sum1) + (sum2 + sum3);
  }

  /** Numbers of the examples, transposed, times X: a row for each output. */
  private double[][] crossed(double[][] numbers) {
    double[][] sums = new double[outputs][features];
    for (int e = 0; e < examples; e++) {
      for (int o = 0; o < outputs; o++) {
        for (int i = 0; i < features; i++) {
          sums[o][i] += numbers[e][o] * at(e, i);
        }
      }
    }
    return sums;
  }

  /**
   * The answer to other inputs.
   *
   * @param begin where they lie
   * @param answer written, one number for each output
   */
  void answer(float[] others, int begin, double[] answer) {
    for (int o = 0; o < outputs; o++) {
      double sum = targetMeans[o];
      for (int i = 0; i < features; i++) {
        sum += weights[o][i] * (others[begin + i] - inputMeans[i]);
      }
      answer[o] = sum;
    }
  }
}
