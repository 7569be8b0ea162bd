package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.backdraft.kernel.LocalResponse;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AdaptiveAveragePool2d;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.AveragePool3d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Conv3d;
import org.backdraft.nn.ConvTranspose2d;
import org.backdraft.nn.ConvTranspose3d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Layer;
import org.backdraft.nn.LayerNorm;
import org.backdraft.nn.LocalResponseNorm;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.MaxPool3d;
import org.backdraft.nn.Network;
import org.backdraft.nn.Softplus;
import org.backdraft.nn.Upsample2d;
import org.backdraft.nn.Upsample2d.Measure;
import org.backdraft.nn.Upsample2d.Mode;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Single layers against PyTorch in float64: the details of their formulas. The file is written by
 * {@code src/test/python/layers.py}.
 */
class LayerGoldenTest {
  private static final double RELATIVE = 3e-6;
  private static final double ABSOLUTE = 2e-6;

  private static final Properties GOLDEN = properties();

  static Stream<Arguments> cases() {
    Window window = Window.square(3, 2, 1);
    Window odd = new Window(3, 2, 2, 3, 1, 0, 1, 1);
    return Stream.of(
        Arguments.of(
            "grouped conv",
            Shape.of(6, 7, 8),
            new Conv2d(9, new Window(3, 2, 2, 1, 1, 1, 1, 1), 3, true)),
        Arguments.of(
            "depthwise conv", Shape.of(20, 7, 8), Conv2d.of(20, 3).stride(2).padding(1).groups(20)),
        Arguments.of(
            "conv3d",
            Shape.of(3, 5, 6, 7),
            new Conv3d(
                4,
                new Window(
                    new WindowAxis(2, 1, 1, 2),
                    new WindowAxis(3, 2, 1, 1),
                    new WindowAxis(3, 1, 2, 2)),
                1,
                true)),
        Arguments.of(
            "transposed conv",
            Shape.of(5, 4, 3),
            new ConvTranspose2d(3, new Window(3, 4, 2, 3, 1, 0, 1, 2), List.of(1, 2), 1, true)),
        Arguments.of(
            "grouped transposed conv",
            Shape.of(6, 4, 3),
            new ConvTranspose2d(4, Window.square(2, 2, 0), List.of(0, 0), 2, true)),
        Arguments.of(
            "transposed conv3d",
            Shape.of(3, 2, 3, 4),
            new ConvTranspose3d(2, Window.cube(3, 2, 1), List.of(1, 0, 1), 1, true)),
        Arguments.of(
            "max pool over volumes",
            Shape.of(3, 5, 7, 8),
            new MaxPool3d(Window.cube(3, 2, 1), true)),
        Arguments.of(
            "average pool over volumes",
            Shape.of(3, 5, 7, 8),
            new AveragePool3d(
                new Window(
                    new WindowAxis(2, 1, 1, 1),
                    new WindowAxis(3, 2, 1, 1),
                    new WindowAxis(2, 2, 0, 1)),
                true)),
        Arguments.of("max pool in ceil mode", Shape.of(3, 7, 8), new MaxPool2d(window, true)),
        Arguments.of("average pool", Shape.of(3, 7, 8), new AveragePool2d(window)),
        Arguments.of("average pool in ceil mode", Shape.of(3, 8, 9), new AveragePool2d(odd, true)),
        Arguments.of("adaptive average pool", Shape.of(3, 7, 9), new AdaptiveAveragePool2d(3, 5)),
        Arguments.of("growing adaptive pool", Shape.of(2, 3, 3), new AdaptiveAveragePool2d(5, 4)),
        Arguments.of("leaky relu", Shape.of(40), Activation.leakyRelu(0.2f)),
        Arguments.of("softplus", Shape.of(40), new Softplus(2, 3)),
        Arguments.of("gelu", Shape.of(40), Activation.gelu()),
        Arguments.of("gelu, tanh form", Shape.of(40), Activation.geluTanh()),
        Arguments.of(
            "nearest by scale",
            Shape.of(2, 3, 4),
            new Upsample2d(Mode.NEAREST, Measure.SCALE, 2, 3)),
        Arguments.of(
            "nearest to size", Shape.of(2, 3, 4), new Upsample2d(Mode.NEAREST, Measure.SIZE, 5, 7)),
        Arguments.of(
            "bilinear by scale",
            Shape.of(2, 3, 4),
            new Upsample2d(Mode.BILINEAR, Measure.SCALE, 2, 3)),
        Arguments.of(
            "bilinear to size",
            Shape.of(2, 4, 7),
            new Upsample2d(Mode.BILINEAR, Measure.SIZE, 5, 3)),
        Arguments.of("layer norm over channels", Shape.of(20, 3, 2), LayerNorm.overChannels()),
        Arguments.of("layer norm over the example", Shape.of(3, 4, 5), LayerNorm.overExample()),
        Arguments.of("layer norm of a vector", Shape.of(40), LayerNorm.overExample()),
        Arguments.of("local response norm", Shape.of(9, 2, 3), LocalResponseNorm.of(5)),
        Arguments.of(
            "local response norm, even window",
            Shape.of(20, 2, 3),
            new LocalResponseNorm(new LocalResponse(4, 0.5f, 0.6f, 2))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void outputsAgreeWithPyTorch(String name, Shape input, Layer layer) {
    Network network =
        Network.named(name, input).add("layer", layer).add("flat", new Flatten()).build();
    float[] actual = new float[network.output().elements()];
    try (LocalRun run = LocalRun.single(network, 1)) {
      Replica replica = run.replica(0);
      GoldenData.weights(network.parameterTable(), replica.parameters());
      run.fill(0, 1, 0);
      fill(run.batch(0), name);
      replica.evaluate(run.batch(0), new float[1], new float[1], new int[1]);
      replica.output(0, actual);
    }
    String key = name.replace(' ', '_');
    assertThat(actual).hasSize(Integer.parseInt(GOLDEN.getProperty(key + ".size")));
    int stride = Integer.parseInt(GOLDEN.getProperty(key + ".stride"));
    String[] expected = GOLDEN.getProperty(key + ".values").split(" ");
    for (int i = 0; i < expected.length; i++) {
      double value = Double.parseDouble(expected[i]);
      assertThat((double) actual[i * stride])
          .as("element %d", i * stride)
          .isCloseTo(value, within(ABSOLUTE + RELATIVE * Math.abs(value)));
    }
  }

  /** Values in [-4, 4) in logical order. */
  private static void fill(Batch batch, String name) {
    ActivationLayout layout = batch.layout();
    float[] values = GoldenData.signedUnit(name, layout.shape().elements());
    for (int c = 0; c < layout.channels(); c++) {
      for (int pixel = 0; pixel < layout.pixels(); pixel++) {
        batch.inputs()[pixel * layout.pitch() + c] = 4 * values[c * layout.pixels() + pixel];
      }
    }
  }

  @Test
  void everyGoldenCaseIsRun() {
    TreeMap<String, Integer> names = new TreeMap<>();
    GOLDEN.stringPropertyNames().stream()
        .filter(key -> key.endsWith(".values"))
        .forEach(key -> names.put(key.substring(0, key.indexOf('.')).replace('_', ' '), 1));
    assertThat(cases().map(c -> (String) c.get()[0]))
        .containsExactlyInAnyOrderElementsOf(names.keySet());
  }

  private static Properties properties() {
    Properties properties = new Properties();
    try (InputStream in = LayerGoldenTest.class.getResourceAsStream("/golden/layers.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
