package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.backdraft.loss.AbsoluteError;
import org.backdraft.loss.BinaryCrossEntropy;
import org.backdraft.loss.Head;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.Hinge;
import org.backdraft.loss.Huber;
import org.backdraft.loss.LabelLoss;
import org.backdraft.loss.Loss;
import org.backdraft.loss.MeanSquaredError;
import org.backdraft.loss.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every loss and its gradient, divided by the sum of denominators, against PyTorch in float64. The
 * file is written by {@code src/test/python/golden_losses.py}.
 */
class GoldenLossesTest {
  private static final int EXAMPLES = 5;
  private static final int PIXELS = 2 * 2;
  private static final int CLASSES = 7;
  private static final List<Float> WEIGHTS = List.of(0.5f, 1.25f, 2f, 1f, 0.25f, 3f, 0.75f);
  private static final int NONE = -100;

  private final Properties golden = properties();

  static Stream<Arguments> losses() {
    Loss plain = Loss.SOFTMAX_CROSS_ENTROPY;
    Loss smoothed = new SoftmaxCrossEntropy(0.125f, List.of(), NONE);
    Loss weighted = new SoftmaxCrossEntropy(0, WEIGHTS, NONE);
    Loss both = new SoftmaxCrossEntropy(0.125f, WEIGHTS, NONE);
    Loss ignored = new SoftmaxCrossEntropy(0.125f, WEIGHTS, 3);
    return Stream.of(
        Arguments.of("squared-error", Loss.SQUARED_ERROR, 1),
        Arguments.of("mse", new MeanSquaredError(), 1),
        Arguments.of("l1", new AbsoluteError(), 1),
        Arguments.of("huber", new Huber(0.75f), 1),
        Arguments.of("hinge", new Hinge(0.75f), 1),
        Arguments.of("binary-cross-entropy", new BinaryCrossEntropy(), 1),
        Arguments.of("softmax-cross-entropy", plain, 1),
        Arguments.of("smoothed", smoothed, 1),
        Arguments.of("weighted", weighted, 1),
        Arguments.of("both", both, 1),
        Arguments.of("ignored", ignored, 1),
        Arguments.of("pixels-softmax-cross-entropy", plain, PIXELS),
        Arguments.of("pixels-smoothed", smoothed, PIXELS),
        Arguments.of("pixels-weighted", weighted, PIXELS),
        Arguments.of("pixels-both", both, PIXELS),
        Arguments.of("pixels-ignored", ignored, PIXELS));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void valueAndGradientAgreeWithPyTorch(String name, Loss loss, int pixels) {
    String[] words = golden.getProperty(name).split(" ");
    int labels = EXAMPLES * pixels;
    assertThat(words).hasSize(1 + labels * CLASSES);
    float[] x = GoldenData.signedUnit(1, labels * CLASSES);
    for (int i = 0; i < x.length; i++) {
      x[i] *= 4;
    }
    float[] dx = new float[x.length];
    float[] target = loss.newTarget(CLASSES);
    double sum = 0;
    double denominator = 0;
    for (int at = 0; at < labels; at++) {
      int label = GoldenData.label(2, at, CLASSES);
      if (!loss.ignores(label)) {
        int base = at * CLASSES;
        sum += loss.evaluate(LocalRun.KERNELS.loss(), x, base, CLASSES, label, target, dx, base);
        denominator += loss.denominator(label, CLASSES);
      }
    }
    assertThat(target).as("scratch").isEqualTo(loss.newTarget(CLASSES));
    double expected = Double.parseDouble(words[0]);
    assertThat(sum / denominator).isCloseTo(expected, within(1e-6 * expected));
    for (int i = 0; i < dx.length; i++) {
      double slope = Double.parseDouble(words[1 + i]);
      assertThat(dx[i] / denominator).as("gradient %d", i).isCloseTo(slope, within(1e-7));
    }
  }

  static Stream<Arguments> mixedLosses() {
    return Stream.of(
        Arguments.of("softmax-cross-entropy", Loss.SOFTMAX_CROSS_ENTROPY),
        Arguments.of("smoothed", new SoftmaxCrossEntropy(0.125f, List.of(), NONE)),
        Arguments.of("both", new SoftmaxCrossEntropy(0.125f, WEIGHTS, NONE)),
        Arguments.of("ignored", new SoftmaxCrossEntropy(0.125f, WEIGHTS, 3)),
        Arguments.of("hinge", new Hinge(0.75f)),
        Arguments.of("binary-cross-entropy", new BinaryCrossEntropy()));
  }

  @ParameterizedTest
  @MethodSource("mixedLosses")
  void mixedLabelsAgreeWithPyTorch(String name, Loss loss) {
    String[] words = golden.getProperty("mixed-" + name).split(" ");
    float[] x = GoldenData.signedUnit(1, EXAMPLES * CLASSES);
    for (int i = 0; i < x.length; i++) {
      x[i] *= 4;
    }
    float[] shares = GoldenData.signedUnit(4, EXAMPLES);
    LabelLoss labelLoss = new LabelLoss(loss, CLASSES);
    float[] dx = new float[x.length];
    double sum = 0;
    double denominator = 0;
    for (int e = 0; e < EXAMPLES; e++) {
      int label = GoldenData.label(2, e, CLASSES);
      int other = GoldenData.label(3, e, CLASSES);
      float share = Math.abs(shares[e]);
      int base = e * CLASSES;
      float value =
          labelLoss.evaluate(LocalRun.KERNELS.loss(), x, base, label, other, share, dx, base);
      assertThat(labelLoss.evaluate(LocalRun.KERNELS.loss(), x, base, label, other, share, null, 0))
          .isEqualTo(value);
      sum += value;
      denominator += labelLoss.denominator(label, other, share);
    }
    double expected = Double.parseDouble(words[0]);
    assertThat(sum / denominator).isCloseTo(expected, within(1e-6 * expected));
    for (int i = 0; i < dx.length; i++) {
      double slope = Double.parseDouble(words[1 + i]);
      assertThat(dx[i] / denominator).as("gradient %d", i).isCloseTo(slope, within(1e-7));
    }
  }

  @Test
  void headsAgreeWithPyTorch() {
    HeadLosses heads =
        new HeadLosses(
            List.of(
                new Head("kind", new SoftmaxCrossEntropy(0.125f, List.of(), NONE), 0.5f, 3, 4, 1),
                new Head("place", new MeanSquaredError(), 3, 0, 0, 2),
                new Head("size", new Huber(0.75f), 0.25f, 0, 2, 2)));
    String[] words = golden.getProperty("heads").split(" ");
    float[] x = GoldenData.signedUnit(1, EXAMPLES * CLASSES);
    for (int i = 0; i < x.length; i++) {
      x[i] *= 4;
    }
    float[] numbers = GoldenData.signedUnit(5, EXAMPLES * 4);
    float[] targets = new float[EXAMPLES * 5];
    LabelLoss loss = new LabelLoss(heads, CLASSES);
    float[] dx = new float[x.length];
    double sum = 0;
    for (int e = 0; e < EXAMPLES; e++) {
      System.arraycopy(numbers, 4 * e, targets, 5 * e, 4);
      targets[5 * e + 4] = GoldenData.label(2, e, CLASSES) % 3;
      int base = e * CLASSES;
      float value = loss.evaluate(LocalRun.KERNELS.loss(), x, base, targets, 5 * e, dx, base);
      assertThat(loss.evaluate(LocalRun.KERNELS.loss(), x, base, targets, 5 * e, null, 0))
          .isEqualTo(value);
      sum += value;
    }
    double expected = Double.parseDouble(words[0]);
    assertThat(sum / EXAMPLES).isCloseTo(expected, within(1e-6 * expected));
    for (int i = 0; i < dx.length; i++) {
      double slope = Double.parseDouble(words[1 + i]);
      assertThat((double) dx[i] / EXAMPLES).as("gradient %d", i).isCloseTo(slope, within(1e-6));
    }
  }

  private static Properties properties() {
    Properties properties = new Properties();
    try (InputStream in = GoldenLossesTest.class.getResourceAsStream("/golden/losses.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
