package org.backdraft.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Learning rates of whole trainings against PyTorch's schedulers; the file is written by {@code
 * src/test/python/golden_schedules.py}.
 */
class GoldenSchedulesTest {
  private static final float RATE = 0.8f;
  private static final long EPOCH = 5;
  private static final double[] VALUES = {
    1.0, 0.9, 0.9, 0.95, 0.89995, 0.91, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.7, 0.7, 0.7
  };

  private final Properties golden = properties();

  static Stream<Arguments> schedules() {
    return Stream.of(
        Arguments.of("step", new LearningRateSchedule.StepDecay(2, 0.5f)),
        Arguments.of("multi-step", new LearningRateSchedule.MultiStep(List.of(1, 3, 6), 0.2f)),
        Arguments.of("exponential", new LearningRateSchedule.Exponential(0.9f)),
        Arguments.of("polynomial", new LearningRateSchedule.Polynomial(2, 0)),
        Arguments.of("linear", new LearningRateSchedule.Polynomial(1, 0)),
        Arguments.of("cosine", new LearningRateSchedule.Cosine(0)),
        Arguments.of("cosine-end", new LearningRateSchedule.Cosine(0.05f)),
        Arguments.of("one-cycle", new OneCycle(0.3f, 25, 10_000, false)),
        Arguments.of("one-cycle-linear", new OneCycle(0.45f, 10, 100, true)),
        Arguments.of("one-cycle-three", new OneCycle(0.35f, 25, 10_000, false, true)),
        Arguments.of(
            "warmup-cosine",
            new Warmup(new LearningRateSchedule.Cosine(0.01f), 7, Warmup.Unit.STEPS, 0.1f)),
        Arguments.of(
            "warmup-step",
            new Warmup(new LearningRateSchedule.StepDecay(2, 0.5f), 2, Warmup.Unit.EPOCHS, 0.25f)));
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void everyRateIsThatOfPyTorch(String name, LearningRateSchedule schedule) {
    double[] expected = golden(name);
    for (int step = 0; step < expected.length; step++) {
      assertNear(schedule.learningRate(RATE, step, EPOCH, expected.length), expected[step], step);
    }
  }

  static Stream<Arguments> plateaus() {
    return Stream.of(
        Arguments.of("plateau", new Plateau(0.5f, 2, 1e-4f, 0, 0, false)),
        Arguments.of("plateau-cooldown", new Plateau(0.5f, 1, 1e-4f, 2, 0.15f, false)),
        Arguments.of("plateau-max", new Plateau(0.5f, 1, 0.05f, 0, 0, true)));
  }

  @ParameterizedTest
  @MethodSource("plateaus")
  void dropsComeAfterTheEpochsOfPyTorch(String name, Plateau plateau) {
    double[] expected = golden(name);
    Plateau.State state = Plateau.State.BEGINNING;
    for (int epoch = 0; epoch < VALUES.length; epoch++) {
      state = plateau.after(state, VALUES[epoch], RATE);
      assertNear((float) (RATE * state.scale()), expected[epoch], epoch);
    }
    assertThat(state.scale()).isLessThan(1);
  }

  private static void assertNear(float actual, double expected, int at) {
    assertThat((double) actual).as("at %d", at).isCloseTo(expected, within(1e-6 * expected + 1e-9));
  }

  private double[] golden(String name) {
    return Arrays.stream(golden.getProperty(name).split(" "))
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  private static Properties properties() {
    Properties properties = new Properties();
    try (InputStream in =
        GoldenSchedulesTest.class.getResourceAsStream("/golden/schedules.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
