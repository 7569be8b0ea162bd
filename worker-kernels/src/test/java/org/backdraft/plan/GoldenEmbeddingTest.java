package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Properties;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.Embedding;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.optim.Momentum;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A training of an embedding against PyTorch's {@code Embedding} in float64; the file is written by
 * {@code src/test/python/golden_embedding.py}.
 */
class GoldenEmbeddingTest {
  private static final int ROWS = 11;
  private static final int WIDTH = 5;
  private static final int PADDING = 2;
  private static final int LENGTH = 6;
  private static final int CLASSES = 3;
  private static final int EXAMPLES = 10;
  private static final int STEPS = 4;

  private static final Network NETWORK =
      Network.named("golden", Shape.of(LENGTH))
          .add("embedding", new Embedding(ROWS, WIDTH, PADDING))
          .add("mean", AveragePool2d.global())
          .add("flat", new Flatten())
          .add("fc", Linear.of(CLASSES))
          .build();

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void gradientsAndWeightsAreThoseOfPyTorch(int leaves) throws IOException {
    Properties golden = new Properties();
    try (InputStream in =
        GoldenEmbeddingTest.class.getResourceAsStream("/golden/embedding.properties")) {
      golden.load(in);
    }
    ParameterTable table = NETWORK.parameterTable();
    try (LocalRun run =
        new LocalRun(NETWORK, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(leaves), 1, 2, EXAMPLES)) {
      Replica replica = run.replica(0);
      GoldenData.weights(table, replica.parameters());
      float[] untouched = paddingRow(replica);
      fill(run.batch(0));
      for (int step = 0; step < STEPS; step++) {
        replica.trainStep(run.batch(0), 1, step);
        float[] sums = replica.sums()[0];
        if (step == 0) {
          assertClose(sums, 0, 1.0 / EXAMPLES, golden, "gradient", 1e-6);
        }
        assertThat(sums[replica.plan().reduction().lossIndex()] / (double) EXAMPLES)
            .isCloseTo(Double.parseDouble(golden.getProperty("loss" + step)), within(1e-6));
        run.update(new Momentum(0.9f, false, 0), sums, 0.3f);
      }
      assertThat(paddingRow(replica)).isEqualTo(untouched);
      // PyTorch's row of the padding index holds zeros, ours what it started with.
      Arrays.fill(replica.parameters(), PADDING * WIDTH, (PADDING + 1) * WIDTH, 0);
      assertClose(replica.parameters(), 0, 1, golden, "embedding", 1e-5);
      int weight = table.entry("fc.weight").begin();
      assertClose(replica.parameters(), weight, 1, golden, "fc", 1e-5);
      int bias = table.entry("fc.bias").begin();
      assertClose(replica.parameters(), bias, 1, golden, "bias", 1e-5);
    }
  }

  private static float[] paddingRow(Replica replica) {
    return Arrays.copyOfRange(replica.parameters(), PADDING * WIDTH, (PADDING + 1) * WIDTH);
  }

  private static void fill(Batch batch) {
    batch.reset(EXAMPLES, EXAMPLES);
    for (int i = 0; i < EXAMPLES * LENGTH; i++) {
      batch.inputs()[i] = GoldenData.label(91, i, ROWS);
    }
    for (int e = 0; e < EXAMPLES; e++) {
      batch.labels()[e] = GoldenData.label(92, e, CLASSES);
      batch.exampleIds()[e] = e;
    }
  }

  private static void assertClose(
      float[] found, int begin, double scale, Properties golden, String key, double distance) {
    String[] values = golden.getProperty(key).split(" ");
    for (int i = 0; i < values.length; i++) {
      assertThat(found[begin + i] * scale)
          .as("%s, element %d", key, i)
          .isCloseTo(Double.parseDouble(values[i]), within(distance));
    }
  }
}
