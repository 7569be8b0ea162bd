package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.backdraft.concurrent.Team;
import org.backdraft.optim.Adagrad;
import org.backdraft.optim.Adam;
import org.backdraft.optim.AdamW;
import org.backdraft.optim.Averaging;
import org.backdraft.optim.BarzilaiBorwein;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.Lamb;
import org.backdraft.optim.Lars;
import org.backdraft.optim.Momentum;
import org.backdraft.optim.Optimizer;
import org.backdraft.optim.OptimizerSettings;
import org.backdraft.optim.RmsProp;
import org.backdraft.optim.Rprop;
import org.backdraft.optim.Sgd;
import org.backdraft.optim.TensorRules;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ten steps of each optimiser, clipped gradients and averages of weights too, against PyTorch in
 * float64 (for LARS, LAMB and Barzilai–Borwein, which it lacks, against the papers' algorithms
 * written with its tensors): the distance must stay within ten times that of float32 there. The
 * file is written by {@code src/test/python/golden_optimizers.py}.
 */
class GoldenOptimizersTest {
  private static final int COUNT = 37;
  private static final int STEPS = 10;
  private static final int DENOMINATOR = 4;
  private static final double NOISE_FACTOR = 10;

  private final Properties golden = properties();

  static Stream<Arguments> rules() {
    return Stream.of(
        Arguments.of("sgd", new Sgd(0.1f), 0.05f),
        Arguments.of("momentum", new Momentum(0.9f, false, 0.1f), 0.05f),
        Arguments.of("nesterov", new Momentum(0.9f, true, 0.1f), 0.05f),
        standard("adam"),
        Arguments.of("adam-decay", new Adam(0.9f, 0.999f, 1e-8f, 0.1f), 0.02f),
        standard("adamw"),
        Arguments.of("adamw-decay", new AdamW(0.9f, 0.999f, 1e-8f, 0.5f), 0.02f),
        standard("rmsprop"),
        Arguments.of("rmsprop-momentum", new RmsProp(0.99f, 1e-8f, 0.8f, false, 0.1f), 0.005f),
        Arguments.of("rmsprop-centered", new RmsProp(0.9f, 1e-8f, 0, true, 0), 0.005f),
        Arguments.of("rmsprop-both", new RmsProp(0.9f, 1e-8f, 0.8f, true, 0), 0.005f),
        standard("adagrad"),
        Arguments.of("adagrad-decay", new Adagrad(0.1f, 0.5f, 1e-10f, 0.1f), 0.1f),
        standard("rprop"),
        Arguments.of("rprop-steps", new Rprop(0.4f, 1.5f, 0.05f, 0.3f), 0.1f),
        Arguments.of("lars", new Lars(0.9f, 0.02f, 0.1f), 1f),
        Arguments.of("lamb", new Lamb(0.9f, 0.99f, 1e-6f, 0.3f), 0.02f),
        Arguments.of("barzilai-borwein", new BarzilaiBorwein(0.1f), 0.05f),
        Arguments.of("clip", new Momentum(0.9f, false, 0.1f), 0.5f),
        Arguments.of("clip-value", new Adam(0.9f, 0.999f, 1e-8f, 0.1f), 0.02f));
  }

  /** With the settings that the optimiser has unless told otherwise. */
  private static Arguments standard(String name) {
    OptimizerSettings settings = OptimizerSettings.defaults(name);
    return Arguments.of(name, settings.create(name), settings.learningRate());
  }

  @ParameterizedTest
  @MethodSource("rules")
  void tenStepsAgreeWithFloat64(String name, Optimizer rule, float rate) throws IOException {
    Clipping clipping =
        switch (name) {
          case "clip" -> new Clipping(1.5f, 0);
          case "clip-value" -> new Clipping(0, 0.3f);
          default -> Clipping.NONE;
        };
    float[] w = GoldenData.signedUnit(1, COUNT);
    float[] start = w.clone();
    run(rule, clipping, rate, w, step -> {});
    assertNear(name, start, w);
  }

  @ParameterizedTest
  @CsvSource({"average-ema, EXPONENTIAL", "average-polyak, POLYAK"})
  void averagesOfTenStepsAgreeWithFloat64(String name, Averaging.Kind kind) throws IOException {
    Averaging averaging = new Averaging(kind, 0.9, 0);
    float[] w = GoldenData.signedUnit(1, COUNT);
    float[] start = w.clone();
    float[] average = new float[COUNT];
    Momentum momentum = new Momentum(0.9f, false, 0.1f);
    run(momentum, Clipping.NONE, 0.05f, w, step -> averaging.add(w, step - 1, average));
    assertNear(name, start, average);
  }

  /** Ten steps, of each of which is told. */
  private static void run(
      Optimizer rule, Clipping clipping, float rate, float[] w, IntConsumer listener)
      throws IOException {
    float[][] state = new float[rule.stateSlots()][COUNT];
    ParameterTable table =
        new ParameterTable(
            List.of(new ParameterSpec("w", Shape.of(COUNT), ParameterSpec.Role.WEIGHT, COUNT, 1)));
    try (Team team = new Team(1)) {
      ParameterUpdate update =
          new ParameterUpdate(
              LocalRun.KERNELS.update(),
              team,
              table,
              OwnedParameters.all(new ParameterBlocks(table)),
              w);
      for (int step = 1; step <= STEPS; step++) {
        float[] g = GoldenData.signedUnit(100 + step, COUNT);
        for (int i = 0; i < COUNT; i++) {
          g[i] = (g[i] + w[i] / 4) * DENOMINATOR;
        }
        update.run(
            TensorRules.of(rule, table),
            clipping,
            g,
            state,
            DENOMINATOR,
            rate,
            step,
            UpdatePeers.NONE);
        listener.accept(step);
      }
    }
  }

  private void assertNear(String name, float[] start, float[] w) {
    String[] words = golden.getProperty(name).split(" ");
    double noise = Double.parseDouble(golden.getProperty(name + ".noise"));
    assertThat(words).hasSize(COUNT);
    double moved = 0;
    double errors = 0;
    for (int i = 0; i < COUNT; i++) {
      double expected = Double.parseDouble(words[i]);
      moved += Math.pow(expected - start[i], 2);
      errors += Math.pow(expected - w[i], 2);
    }
    assertThat(Math.sqrt(errors / moved))
        .as("distance of %s to float64, PyTorch's float32 has %.2e", name, noise)
        .isLessThan(NOISE_FACTOR * noise);
  }

  private static Properties properties() {
    Properties properties = new Properties();
    try (InputStream in =
        GoldenOptimizersTest.class.getResourceAsStream("/golden/optimizers.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
