package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Residual networks against PyTorch in float64, built there in torchvision's structure: with the
 * same weights the distance of the outputs must stay within ten times that of PyTorch's own
 * float32. The file is written by {@code src/test/python/zoo.py}.
 */
class ZooGoldenTest {
  private static final double NOISE_FACTOR = 10;
  private static final int EXAMPLES = 4;
  private static final int CLASSES = 10;

  @ParameterizedTest
  @ValueSource(strings = {"resnet18", "resnet50"})
  void outputsAgreeWithTorchvisionsStructure(String model) throws IOException {
    Properties golden = new Properties();
    try (InputStream in = ZooGoldenTest.class.getResourceAsStream("/golden/zoo.properties")) {
      golden.load(in);
    }
    String[] expected = golden.getProperty(model + ".outputs").split(" ");
    double squares = 0;
    double errors = 0;
    Network network = ModelZoo.create(model, Shape.of(3, 64, 64), CLASSES);
    try (LocalRun run = LocalRun.single(network, EXAMPLES)) {
      Replica replica = run.replica(0);
      GoldenData.weights(network.parameterTable(), replica.parameters());
      GoldenData.fill(run.batch(0), 0, 0, EXAMPLES);
      replica.trainStep(run.batch(0), 1, 0);
      float[] actual = new float[CLASSES];
      for (int e = 0; e < EXAMPLES; e++) {
        replica.output(e, actual);
        for (int c = 0; c < CLASSES; c++) {
          double exact = Double.parseDouble(expected[e * CLASSES + c]);
          squares += exact * exact;
          errors += (actual[c] - exact) * (actual[c] - exact);
        }
      }
      boolean isFinite = true;
      for (float each : replica.sums()[0]) {
        isFinite &= Float.isFinite(each);
      }
      assertThat(isFinite).as("all sums are finite").isTrue();
    }
    double noise = Double.parseDouble(golden.getProperty(model + ".noise"));
    assertThat(Math.sqrt(errors / squares))
        .as("distance to float64, PyTorch's float32 has %.2e", noise)
        .isLessThan(NOISE_FACTOR * noise);
  }
}
