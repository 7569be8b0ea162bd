package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Properties;
import java.util.stream.Stream;
import org.backdraft.nn.Network;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The networks of the zoo, a quarter as wide as published, against PyTorch in float64, built there
 * anew: with the same weights the distance of the outputs of a training step and of each tensor's
 * gradient must stay within ten times that of PyTorch's own float32, or ten times the median of
 * those where that is more. The file is written by {@code src/test/python/zoo.py}, which says what
 * it holds.
 */
class ZooGoldenTest {
  private static final double NOISE_FACTOR = 10;
  private static final int EXAMPLES = 4;
  private static final int CLASSES = 10;

  /** Gradients are compared by inner products with so many hashed vectors. */
  private static final int PROBES = 3;

  /** The variance of an element of a hashed vector, uniform in [-1, 1). */
  private static final double PROBE_VARIANCE = 1 / 3.0;

  private static final double LEAST_NORM = 1e-3;

  /** Ends the name of a network that has its auxiliary outputs. */
  private static final String AUXILIARY = "-auxiliary";

  private static Properties golden() throws IOException {
    Properties golden = new Properties();
    try (InputStream in = ZooGoldenTest.class.getResourceAsStream("/golden/zoo.properties")) {
      golden.load(in);
    }
    return golden;
  }

  static Stream<String> models() throws IOException {
    return golden().stringPropertyNames().stream()
        .filter(key -> key.endsWith(".noise"))
        .map(key -> key.substring(0, key.length() - ".noise".length()))
        .sorted();
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  private static Network network(String key, Properties golden) {
    String input = golden.getProperty(key + ".input");
    boolean isAuxiliary = key.endsWith(AUXILIARY);
    String model = isAuxiliary ? key.substring(0, key.length() - AUXILIARY.length()) : key;
    Shape shape = Shape.of(Arrays.stream(input.split("x")).mapToInt(Integer::parseInt).toArray());
    String settings = "";
    for (String setting : new String[] {"width=0.25", "dropout=0"}) {
      if (ModelZoo.settings(model).contains(setting.substring(0, setting.indexOf('=')))) {
        settings += (settings.isEmpty() ? ":" : ",") + setting;
      }
    }
    return ModelZoo.create(
        model + settings + (isAuxiliary ? ",auxiliary=0.3" : ""), shape, CLASSES);
  }

  @ParameterizedTest
  @MethodSource("models")
  void aTrainingStepAgreesWithPyTorch(String model) throws IOException {
    Properties golden = golden();
    Network network = network(model, golden);
    try (LocalRun run = LocalRun.single(network, EXAMPLES)) {
      Replica replica = run.replica(0);
      GoldenData.weights(network.parameterTable(), replica.parameters());
      GoldenData.fill(run.batch(0), 0, 0, EXAMPLES);
      replica.trainStep(run.batch(0), 1, 0);
      assertOutputs(model, replica, network.output(), golden);
      assertGradients(model, replica, network.parameterTable(), golden);
    }
  }

  private static void assertOutputs(String model, Replica replica, Shape shape, Properties golden) {
    double[] expected = numbers(golden.getProperty(model + ".outputs"));
    int stride = Integer.parseInt(golden.getProperty(model + ".stride"));
    int size = Math.toIntExact(shape.elements());
    int pixels = size / shape.dim(0);
    float[] output = new float[size];
    int loaded = -1;
    double squares = 0;
    double errors = 0;
    for (int i = 0; i < expected.length; i++) {
      int at = i * stride;
      if (at / size != loaded) {
        loaded = at / size;
        replica.output(loaded, output);
      }
      float actual = output[at % pixels * shape.dim(0) + at % size / pixels];
      squares += expected[i] * expected[i];
      errors += (actual - expected[i]) * (actual - expected[i]);
    }
    double noise = Double.parseDouble(golden.getProperty(model + ".noise"));
    assertThat(Math.sqrt(errors / squares))
        .as("distance of outputs to float64, PyTorch's float32 has %.2e", noise)
        .isLessThan(NOISE_FACTOR * noise);
  }

  private static void assertGradients(
      String model, Replica replica, ParameterTable table, Properties golden) {
    float denominator = replica.sums()[0][replica.plan().reduction().denominatorIndex()];
    double squares = 0;
    for (ParameterTable.Entry entry : table.entries()) {
      double norm = numbers(golden.getProperty(model + "/" + entry.name()))[0];
      squares += norm * norm;
    }
    double least = LEAST_NORM * Math.sqrt(squares / table.entries().size());
    double median = Double.parseDouble(golden.getProperty(model + ".gradients"));
    for (ParameterTable.Entry entry : table.entries()) {
      double[] expected = numbers(golden.getProperty(model + "/" + entry.name()));
      double noise = Math.max(expected[1], median);
      double errors = 0;
      for (int probe = 0; probe < PROBES; probe++) {
        float[] vector = GoldenData.signedUnit(entry.name() + "#" + probe, entry.length());
        double product = 0;
        for (int i = 0; i < entry.length(); i++) {
          product += (double) vector[i] * replica.sums()[0][entry.begin() + i] / denominator;
        }
        errors += (product - expected[2 + probe]) * (product - expected[2 + probe]);
      }
      assertThat(Math.sqrt(errors / PROBES / PROBE_VARIANCE) / Math.max(expected[0], least))
          .as(
              "distance of the gradient of %s to float64, PyTorch's float32 has %.2e",
              entry.name(), noise)
          .isLessThan(NOISE_FACTOR * noise);
    }
  }
}
