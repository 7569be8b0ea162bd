package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.optim.Adam;
import org.backdraft.optim.Momentum;
import org.backdraft.optim.Optimizer;
import org.backdraft.optim.Sgd;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Short trainings against PyTorch in float64: the distance must stay within ten times that of
 * PyTorch's own float32. The files are written by {@code src/test/python/golden.py}.
 */
class GoldenTrainingTest {
  private static final double NOISE_FACTOR = 10;

  private final Properties golden = properties();

  @ParameterizedTest
  @CsvSource({
    "lenet5,sgd", "lenet5,momentum", "lenet5,nesterov", "lenet5,adam",
    "mlp,sgd", "mlp,momentum", "mlp,nesterov", "mlp,adam"
  })
  void twentyStepsAgreeWithPyTorch(String model, String rule) {
    Network network = ModelZoo.create(model, ModelZoo.defaultInput(model), 10);
    check(network, model + "-" + rule, optimizer(rule), rate(rule), 20, 32, ONE_LEAF);
  }

  @Test
  void twoStepsOfAResidualNetworkAgreeWithPyTorch() {
    Optimizer momentum = optimizer("momentum");
    check(SmallNetworks.residual(), "resnet-momentum", momentum, rate("momentum"), 2, 16, ONE_LEAF);
  }

  /** However the batch is cut: statistics of leaves would be far off. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 16})
  void batchNormOverTheGlobalBatchAgreesWithPyTorch(int leaves) {
    Cut cut = new Cut(leaves, new Plan.Options(1, true));
    Optimizer momentum = optimizer("momentum");
    check(SmallNetworks.residual(), "resnet-momentum", momentum, rate("momentum"), 2, 16, cut);
  }

  @Test
  void batchNormOverLeavesIsAnotherNetwork() {
    Cut cut = new Cut(8, Plan.Options.DEFAULT);
    Optimizer momentum = optimizer("momentum");
    assertThatThrownBy(
            () -> check(SmallNetworks.residual(), "resnet-momentum", momentum, 0.02f, 2, 16, cut))
        .isInstanceOf(AssertionError.class);
  }

  /** How a batch is cut and computed. */
  private record Cut(int leaves, Plan.Options options) {}

  private static final Cut ONE_LEAF = new Cut(1, Plan.Options.DEFAULT);

  private static Optimizer optimizer(String rule) {
    return switch (rule) {
      case "sgd" -> new Sgd(0);
      case "momentum" -> new Momentum(0.9f, false, 0);
      case "nesterov" -> new Momentum(0.9f, true, 0);
      case "adam" -> Adam.standard();
      default -> throw new AssertionError(rule);
    };
  }

  private static float rate(String rule) {
    return switch (rule) {
      case "sgd" -> 0.05f;
      case "adam" -> 0.001f;
      default -> 0.02f;
    };
  }

  private void check(
      Network network, String name, Optimizer optimizer, float rate, int steps, int size, Cut cut) {
    String[] losses = golden.getProperty(name + ".losses").split(" ");
    long seed = Long.parseLong(golden.getProperty(name + ".seed"));
    Leaves leaves = new Leaves(cut.leaves());
    Loss loss = Loss.SOFTMAX_CROSS_ENTROPY;
    try (LocalRun run = new LocalRun(network, loss, leaves, 1, 1, size, cut.options())) {
      Replica replica = run.replica(0);
      Batch batch = run.batch(0);
      GoldenData.weights(network.parameterTable(), replica.parameters());
      for (int step = 0; step < steps; step++) {
        GoldenData.fill(batch, seed, step, size);
        replica.trainStep(batch, 1, 0);
        float[] sum = replica.sums()[0];
        double mean = sum[replica.plan().reduction().lossIndex()] / size;
        double expected = Double.parseDouble(losses[step]);
        assertThat(mean).as("loss of step %d", step).isCloseTo(expected, within(2e-4 * expected));
        run.update(optimizer, sum, rate);
      }
      assertNear(name, network.parameterTable(), replica.parameters());
      if (network.bufferTable().size() > 0) {
        assertNear(name + "-buffers", network.bufferTable(), replica.buffers());
      }
    }
  }

  private void assertNear(String name, ParameterTable table, float[] values) {
    int stride = Integer.parseInt(golden.getProperty(name + ".stride"));
    double noise = Double.parseDouble(golden.getProperty(name + ".noise"));
    float[] sorted = sortedByName(table, values);
    double squares = 0;
    double errors = 0;
    try (DataInputStream in = new DataInputStream(open(name + ".bin"))) {
      for (int i = 0; i < sorted.length; i += stride) {
        double expected = in.readDouble();
        squares += expected * expected;
        errors += (sorted[i] - expected) * (sorted[i] - expected);
      }
      assertThat(in.read()).as("end of file").isEqualTo(-1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    double distance = Math.sqrt(errors / squares);
    assertThat(distance)
        .as("distance of %s to float64, PyTorch's float32 has %.2e", name, noise)
        .isLessThan(NOISE_FACTOR * noise);
  }

  private static float[] sortedByName(ParameterTable table, float[] values) {
    List<ParameterTable.Entry> entries = new ArrayList<>(table.entries());
    entries.sort(Comparator.comparing(ParameterTable.Entry::name));
    float[] sorted = new float[table.size()];
    int at = 0;
    for (ParameterTable.Entry entry : entries) {
      System.arraycopy(values, entry.begin(), sorted, at, entry.length());
      at += entry.length();
    }
    return sorted;
  }

  private static InputStream open(String name) {
    InputStream in = GoldenTrainingTest.class.getResourceAsStream("/golden/" + name);
    assertThat(in).as("golden file %s; run src/test/python/golden.py", name).isNotNull();
    return new java.io.BufferedInputStream(in);
  }

  private static Properties properties() {
    Properties properties = new Properties();
    try (InputStream in = open("golden.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
