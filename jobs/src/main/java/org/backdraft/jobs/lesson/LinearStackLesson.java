package org.backdraft.jobs.lesson;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.backdraft.init.Initializer;
import org.backdraft.jobs.output.TextTable;
import org.backdraft.nn.Activation;
import org.backdraft.tensor.ParameterTable;

/** Layers without activations between them are one layer: {@code y = W″x}. */
final class LinearStackLesson implements Lesson {
  private static final int DEPTH = 5;

  @Override
  public Shown show() {
    TextTable table = new TextTable("between the layers", ">distance to W″x", "collapses");
    Map<String, Object> results = new LinkedHashMap<>();
    row("none", null, table, results);
    row("relu", Activation.relu(), table, results);
    row("tanh", Activation.tanh(), table, results);
    return new Shown(
        "Outputs of %d layers and a linear output, against the product W″ of their matrices:%n%s"
            .formatted(DEPTH, table),
        results);
  }

  private static void row(
      String name, Activation activation, TextTable table, Map<String, Object> results) {
    try (DeepStack stack = new DeepStack(DEPTH, activation)) {
      stack.initialize(Initializer.XAVIER, 1).run();
      double distance = distance(product(stack), stack.firstOutput());
      boolean collapses = distance < 1e-5;
      table.row(name, String.format(Locale.ROOT, "%.1e", distance), collapses ? "yes" : "no");
      results.put(name, collapses ? "collapses" : "does not collapse");
    }
  }

  /** W″x, in double; biases are 0 at the start. */
  private static double[] product(DeepStack stack) {
    double[] matrix = identity();
    for (ParameterTable.Entry entry : stack.table().entries()) {
      if (entry.spec().shape().dims() == 2) {
        matrix = times(stack.parameters(), entry, matrix);
      }
    }
    double[] y = new double[DeepStack.CLASSES];
    float[] x = DeepStack.firstInput();
    for (int row = 0; row < y.length; row++) {
      for (int i = 0; i < x.length; i++) {
        y[row] += matrix[row * x.length + i] * x[i];
      }
    }
    return y;
  }

  private static double[] identity() {
    double[] matrix = new double[DeepStack.WIDTH * DeepStack.WIDTH];
    for (int i = 0; i < DeepStack.WIDTH; i++) {
      matrix[i * DeepStack.WIDTH + i] = 1;
    }
    return matrix;
  }

  /** A layer's matrix times the product of those before it, which has {@code WIDTH} columns. */
  private static double[] times(float[] weights, ParameterTable.Entry entry, double[] right) {
    int rows = entry.spec().shape().dim(0);
    int inner = entry.spec().shape().dim(1);
    double[] product = new double[rows * DeepStack.WIDTH];
    for (int row = 0; row < rows; row++) {
      for (int k = 0; k < inner; k++) {
        double weight = weights[entry.begin() + row * inner + k];
        for (int column = 0; column < DeepStack.WIDTH; column++) {
          product[row * DeepStack.WIDTH + column] += weight * right[k * DeepStack.WIDTH + column];
        }
      }
    }
    return product;
  }

  private static double distance(double[] expected, float[] actual) {
    double squares = 0;
    double errors = 0;
    for (int i = 0; i < expected.length; i++) {
      squares += expected[i] * expected[i];
      errors += (actual[i] - expected[i]) * (actual[i] - expected[i]);
    }
    return StrictMath.sqrt(errors / squares);
  }
}
