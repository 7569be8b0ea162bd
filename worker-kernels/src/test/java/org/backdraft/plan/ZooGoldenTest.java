package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Properties;
import java.util.stream.Stream;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.optim.Sgd;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The networks of the zoo, a quarter as wide as published or less, against PyTorch in float64,
 * built there anew: with the same weights the distance of the outputs of a training step and of
 * each tensor's gradient must stay within ten times that of PyTorch's own float32, or ten times the
 * median of those where that is more. So must, for some, the running statistics behind the step and
 * the outputs of an evaluation with them. The file is written by {@code src/test/python/zoo.py},
 * which says what it holds.
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

  /** No name ends so. */
  private static final String UNDAMPED = "-";

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

  private static Network network(String model, Properties golden) {
    String input = golden.getProperty(model + ".input");
    Shape shape = Shape.of(Arrays.stream(input.split("x")).mapToInt(Integer::parseInt).toArray());
    String narrow = model;
    for (String setting : new String[] {"width=0.25", "dropout=0"}) {
      String key = setting.substring(0, setting.indexOf('=') + 1);
      if (ModelZoo.settings(model).contains(key.replace("=", "")) && !model.contains(key)) {
        narrow += (narrow.contains(":") ? "," : ":") + setting;
      }
    }
    return ModelZoo.create(narrow, shape, CLASSES);
  }

  /**
   * Without the random weights of {@link LocalRun}, which take longer than the small steps here.
   */
  private static Plan plan(Network network) {
    Leaves leaves = new Leaves(1);
    return Plan.compile(
        new Plan.Request(
            network, Loss.SOFTMAX_CROSS_ENTROPY, leaves, leaves.rangeOf(0, 1), EXAMPLES, 1, 0),
        LocalRun.KERNELS);
  }

  @ParameterizedTest
  @MethodSource("models")
  void aTrainingStepAgreesWithPyTorch(String model) throws IOException {
    Properties golden = golden();
    Network network = network(model, golden);
    Plan plan = plan(network);
    try (Replica replica = new Replica(plan)) {
      Batch batch =
          new Batch(ActivationLayout.dense(network.input()), EXAMPLES, plan.lossStep().labels());
      GoldenData.weights(network.parameterTable(), replica.parameters());
      damp(
          network.parameterTable(),
          replica.parameters(),
          golden.getProperty(model + ".damped", UNDAMPED));
      GoldenData.weights(network.bufferTable(), replica.buffers());
      GoldenData.fill(batch, 0, 0, EXAMPLES);
      replica.trainStep(batch, 1, 0);
      float[] sums = replica.sums()[0];
      float denominator = sums[plan.reduction().denominatorIndex()];
      assertOutputs(model, "outputs", "noise", replica, golden);
      assertTensors(model, "gradients", network.parameterTable(), sums, denominator, golden);
      if (golden.containsKey(model + ".evaluated")) {
        replica.update(new Sgd(0), sums, new float[0][], 0, 1);
        assertTensors(model, "statistics", network.bufferTable(), replica.buffers(), 1, golden);
        int labels = EXAMPLES * batch.labelsPerExample();
        replica.evaluate(batch, new float[EXAMPLES], new float[EXAMPLES], new int[labels]);
        assertOutputs(model, "evaluated", "evaluation", replica, golden);
      }
    }
  }

  /** An eighth of each tensor whose name ends like this, see {@code zoo.py}. */
  private static void damp(ParameterTable table, float[] values, String end) {
    for (ParameterTable.Entry entry : table.entries()) {
      if (entry.name().endsWith(end)) {
        for (int i = entry.begin(); i < entry.begin() + entry.length(); i++) {
          values[i] /= 8;
        }
      }
    }
  }

  private static void assertOutputs(
      String model, String outputs, String distance, Replica replica, Properties golden) {
    double[] expected = numbers(golden.getProperty(model + "." + outputs));
    int stride = Integer.parseInt(golden.getProperty(model + ".stride"));
    Shape shape = replica.plan().request().network().output();
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
    double noise = Double.parseDouble(golden.getProperty(model + "." + distance));
    assertThat(Math.sqrt(errors / squares))
        .as("distance of %s to float64, PyTorch's float32 has %.2e", outputs, noise)
        .isLessThan(NOISE_FACTOR * noise);
  }

  private static void assertTensors(
      String model,
      String what,
      ParameterTable table,
      float[] values,
      float denominator,
      Properties golden) {
    double squares = 0;
    for (ParameterTable.Entry entry : table.entries()) {
      double norm = numbers(golden.getProperty(model + "/" + entry.name()))[0];
      squares += norm * norm;
    }
    double least = LEAST_NORM * Math.sqrt(squares / table.entries().size());
    double median = Double.parseDouble(golden.getProperty(model + "." + what));
    for (ParameterTable.Entry entry : table.entries()) {
      double[] expected = numbers(golden.getProperty(model + "/" + entry.name()));
      double noise = Math.max(expected[1], median);
      double errors = 0;
      for (int probe = 0; probe < PROBES; probe++) {
        float[] vector = GoldenData.signedUnit(entry.name() + "#" + probe, entry.length());
        double product = 0;
        for (int i = 0; i < entry.length(); i++) {
          product += (double) vector[i] * values[entry.begin() + i] / denominator;
        }
        errors += (product - expected[2 + probe]) * (product - expected[2 + probe]);
      }
      assertThat(Math.sqrt(errors / PROBES / PROBE_VARIANCE) / Math.max(expected[0], least))
          .as(
              "distance of the %s of %s to float64, PyTorch's float32 has %.2e",
              what, entry.name(), noise)
          .isLessThan(NOISE_FACTOR * noise);
    }
  }
}
