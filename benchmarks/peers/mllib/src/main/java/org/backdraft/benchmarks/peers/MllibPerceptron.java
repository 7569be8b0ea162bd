package org.backdraft.benchmarks.peers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.spark.ml.classification.MultilayerPerceptronClassificationModel;
import org.apache.spark.ml.classification.MultilayerPerceptronClassifier;
import org.apache.spark.ml.linalg.VectorUDT;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Times Spark MLlib's multilayer perceptron 784-512-512-10. It knows no minibatches: an iteration
 * is a gradient over the whole set, so the examples of an iteration are those of the set.
 *
 * <pre>java … MllibPerceptron THREADS EXAMPLES ITERATIONS</pre>
 *
 * <p>Prints one JSON object. The time of one iteration is that of a long fit less that of a short
 * one, by the difference of their iterations: reading and setting up the data do not count.
 */
public final class MllibPerceptron {
  private MllibPerceptron() {}

  public static void main(String[] arguments) throws IOException {
    int threads = Integer.parseInt(arguments[0]);
    int examples = Integer.parseInt(arguments[1]);
    int iterations = Integer.parseInt(arguments[2]);
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[" + threads + "]")
            .config("spark.ui.enabled", "false")
            .getOrCreate()) {
      Dataset<Row> data = data(spark, threads, examples).cache();
      data.count();
      fit(data, 2); // warms the JVM up
      double shortSeconds = fit(data, 2);
      double longSeconds = fit(data, 2 + iterations);
      double perSecond = (double) iterations * examples / (longSeconds - shortSeconds);
      System.out.printf(
          Locale.ROOT,
          "{\"model\": \"mlp\", \"mllib\": \"%s\", \"threads\": %d, \"examples\": %d, \"iterations\": %d,"
              + " \"examples_per_second\": %.2f}%n",
          spark.version(), threads, examples, iterations, perSecond);
    }
  }

  private static double fit(Dataset<Row> data, int iterations) {
    long began = System.nanoTime();
    MultilayerPerceptronClassificationModel model =
        new MultilayerPerceptronClassifier()
            .setLayers(new int[] {784, 512, 512, 10})
            .setSolver("gd")
            .setStepSize(0.03)
            .setTol(0)
            .setSeed(1)
            .setMaxIter(iterations)
            .fit(data);
    double seconds = (System.nanoTime() - began) / 1e9;
    if (!Arrays.stream(model.weights().toArray()).allMatch(Double::isFinite)) {
      throw new IllegalStateException("MLlib's weights must stay finite.");
    }
    return seconds;
  }

  private static Dataset<Row> data(SparkSession spark, int threads, int examples) {
    Random random = new Random(1);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < examples; i++) {
      rows.add(
          RowFactory.create(
              (double) (i % 10),
              Vectors.dense(random.doubles(784).toArray())));
    }
    StructType schema =
        new StructType(
            new StructField[] {
              new StructField("label", DataTypes.DoubleType, false, Metadata.empty()),
              new StructField("features", new VectorUDT(), false, Metadata.empty())
            });
    return spark.createDataFrame(rows, schema).repartition(threads);
  }
}
