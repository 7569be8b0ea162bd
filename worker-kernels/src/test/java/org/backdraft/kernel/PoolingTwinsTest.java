package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pooling kernels: logical elements have equal bits, padding lanes never reach them. */
final class PoolingTwinsTest {
  private final PoolingKernels scalar = new ScalarPoolingKernels();
  private final PoolingKernels simd = new SimdPoolingKernels();
  private final RandomValues random = RandomValues.fromProperty();

  /** Windows (over volumes if they have a depth), channels, padded or not, ceil mode or not. */
  static Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    Window[] windows = {
      Window.square(2, 2, 0),
      Window.square(3, 2, 1),
      Window.square(3, 1, 2),
      new Window(1, 4, 1, 3, 0, 2, 1, 2),
      new Window(2, 3, 2, 1, 3, 0, 2, 1),
      Window.cube(2, 2, 0),
      Window.cube(3, 2, 1),
      new Window(
          new WindowAxis(2, 1, 1, 3), new WindowAxis(3, 2, 2, 2), new WindowAxis(1, 1, 0, 1)),
      new Window(new WindowAxis(1, 2, 1, 1), new WindowAxis(2, 3, 0, 1), new WindowAxis(4, 1, 2, 2))
    };
    for (Window window : windows) {
      for (int channels : new int[] {1, 3, 6, 16, 20, 33}) {
        for (boolean ceil : new boolean[] {false, true}) {
          cases.add(Arguments.of(window, channels, true, ceil));
          cases.add(Arguments.of(window, channels, false, ceil));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void maxGivesEqualBitsAndWinners(Window window, int channels, boolean padded, boolean ceil) {
    ActivationLayout input = layout(Shape.of(channels, 5, 7, 9), padded);
    ActivationLayout output = output(window, input, padded, ceil);
    String what =
        window + " channels " + channels + " padded " + padded + " ceil " + ceil + " " + random;
    float[] x = random.mixed(input.size() + 10);
    for (int i = 0; i < x.length; i++) {
      // Many equal elements, so that ties happen.
      x[i] = Math.round(x[i]) == x[i] || random.below(3) > 0 ? x[i] : Math.round(x[i]);
    }
    float[] before = random.mixed(output.size() + 20);
    float[] expected = before.clone();
    float[] actual = before.clone();
    short[] expectedWinner = new short[output.size() + 20];
    Arrays.fill(expectedWinner, (short) -77);
    short[] actualWinner = expectedWinner.clone();
    scalar.max(window, input, x, 3, output, expected, 5, expectedWinner, 7);
    simd.max(window, input, x, 3, output, actual, 5, actualWinner, 7);
    assertLogicalSame(output, actual, expected, 5, what);
    Bits.assertUntouchedOutside(actual, before, 5, 5 + output.size(), what);
    for (int i = 0; i < actualWinner.length; i++) {
      boolean outside = i < 7 || i >= 7 + output.size();
      if (outside || isLogical(output, i - 7)) {
        assertThat(actualWinner[i]).as("winner " + i + " " + what).isEqualTo(expectedWinner[i]);
      }
    }

    float[] dy = random.mixed(output.size() + 5);
    float[] dxBefore = random.mixed(input.size() + 9);
    float[] expectedDx = dxBefore.clone();
    float[] actualDx = dxBefore.clone();
    scalar.maxBackward(window, output, dy, 5, expectedWinner, 7, input, expectedDx, 4);
    simd.maxBackward(window, output, dy, 5, actualWinner, 7, input, actualDx, 4);
    assertLogicalSame(input, actualDx, expectedDx, 4, "backward " + what);
    Bits.assertUntouchedOutside(actualDx, dxBefore, 4, 4 + input.size(), what);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void averageGivesEqualBits(Window window, int channels, boolean padded, boolean ceil) {
    ActivationLayout input = layout(Shape.of(channels, 5, 7, 9), padded);
    ActivationLayout output = output(window, input, padded, ceil);
    String what =
        window + " channels " + channels + " padded " + padded + " ceil " + ceil + " " + random;
    float[] x = random.mixed(input.size() + 10);
    float[] before = random.mixed(output.size() + 20);
    float[] expected = before.clone();
    float[] actual = before.clone();
    scalar.average(window, input, x, 3, output, expected, 5);
    simd.average(window, input, x, 3, output, actual, 5);
    assertLogicalSame(output, actual, expected, 5, what);
    Bits.assertUntouchedOutside(actual, before, 5, 5 + output.size(), what);

    float[] dy = random.mixed(output.size() + 5);
    float[] dxBefore = random.mixed(input.size() + 9);
    float[] expectedDx = dxBefore.clone();
    float[] actualDx = dxBefore.clone();
    scalar.averageBackward(window, output, dy, 5, input, expectedDx, 4);
    simd.averageBackward(window, output, dy, 5, input, actualDx, 4);
    assertLogicalSame(input, actualDx, expectedDx, 4, "backward " + what);
    Bits.assertUntouchedOutside(actualDx, dxBefore, 4, 4 + input.size(), what);
  }

  static Stream<Arguments> adaptiveCases() {
    List<Arguments> cases = new ArrayList<>();
    int[][] outputs = {{1, 1}, {2, 3}, {7, 9}, {5, 4}, {10, 20}};
    for (int[] output : outputs) {
      for (int channels : new int[] {1, 3, 6, 16, 20, 33}) {
        cases.add(Arguments.of(output[0], output[1], channels, true));
        cases.add(Arguments.of(output[0], output[1], channels, false));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("adaptiveCases")
  void adaptiveAverageGivesEqualBits(int height, int width, int channels, boolean padded) {
    ActivationLayout input = layout(channels, 7, 9, padded);
    ActivationLayout output = layout(channels, height, width, padded);
    AdaptiveAxis rows = new AdaptiveAxis(7, height);
    AdaptiveAxis columns = new AdaptiveAxis(9, width);
    String what = height + "x" + width + " channels " + channels + " " + padded + " " + random;
    float[] x = random.mixed(input.size() + 10);
    float[] before = random.mixed(output.size() + 20);
    float[] expected = before.clone();
    float[] actual = before.clone();
    scalar.adaptiveAverage(rows, columns, input, x, 3, output, expected, 5);
    simd.adaptiveAverage(rows, columns, input, x, 3, output, actual, 5);
    assertLogicalSame(output, actual, expected, 5, what);
    Bits.assertUntouchedOutside(actual, before, 5, 5 + output.size(), what);

    float[] dy = random.mixed(output.size() + 5);
    float[] dxBefore = random.mixed(input.size() + 9);
    float[] expectedDx = dxBefore.clone();
    float[] actualDx = dxBefore.clone();
    scalar.adaptiveAverageBackward(rows, columns, output, dy, 5, input, expectedDx, 4);
    simd.adaptiveAverageBackward(rows, columns, output, dy, 5, input, actualDx, 4);
    assertLogicalSame(input, actualDx, expectedDx, 4, "backward " + what);
    Bits.assertUntouchedOutside(actualDx, dxBefore, 4, 4 + input.size(), what);
  }

  @Test
  void adaptiveWindowsFollowPyTorch() {
    AdaptiveAxis shrinking = new AdaptiveAxis(7, 3);
    assertThat(new int[] {shrinking.begin(0), shrinking.begin(1), shrinking.begin(2)})
        .containsExactly(0, 2, 4);
    assertThat(new int[] {shrinking.end(0), shrinking.end(1), shrinking.end(2)})
        .containsExactly(3, 5, 7);
    AdaptiveAxis growing = new AdaptiveAxis(2, 3);
    assertThat(new int[] {growing.begin(0), growing.begin(1), growing.begin(2)})
        .containsExactly(0, 0, 1);
    assertThat(new int[] {growing.end(0), growing.end(1), growing.end(2)}).containsExactly(1, 2, 2);
    assertThat(growing.largest()).isEqualTo(2);
  }

  @Test
  void ceilModeAveragesOverWhatLiesInInputAndPadding() {
    ActivationLayout input = ActivationLayout.dense(Shape.of(1, 1, 4));
    ActivationLayout output = ActivationLayout.dense(Shape.of(1, 1, 3));
    Window window = new Window(1, 3, 1, 2, 0, 1, 1, 1);
    assertThat(window.width().ceilOutputs(4)).isEqualTo(3);
    float[] y = new float[3];
    for (PoolingKernels kernels : new PoolingKernels[] {scalar, simd}) {
      kernels.average(window, input, new float[] {3, 6, 9, 12}, 0, output, y, 0);
      // Padding left counts; of the last window one tap lies past the padding.
      assertThat(y).containsExactly(3, 9, 6);
    }
  }

  @Test
  void maxTakesTheFirstOfEqualsAndNan() {
    ActivationLayout input = ActivationLayout.dense(Shape.of(1, 2, 4));
    ActivationLayout output = ActivationLayout.dense(Shape.of(1, 1, 2));
    float[] x = {1, 5, 2, Float.NaN, 5, 4, 9, 8};
    float[] y = new float[2];
    short[] winner = new short[2];
    for (PoolingKernels kernels : new PoolingKernels[] {scalar, simd}) {
      kernels.max(Window.square(2, 2, 0), input, x, 0, output, y, 0, winner, 0);
      assertThat(y).containsExactly(5, Float.NaN);
      assertThat(winner).containsExactly((short) 1, (short) 1);
    }
  }

  @Test
  void averageCountsPaddingAsZeros() {
    ActivationLayout input = ActivationLayout.dense(Shape.of(1, 1, 1));
    float[] y = new float[1];
    for (PoolingKernels kernels : new PoolingKernels[] {scalar, simd}) {
      kernels.average(Window.square(3, 1, 1), input, new float[] {18}, 0, input, y, 0);
      assertThat(y[0]).isEqualTo(2f);
    }
  }

  private static ActivationLayout output(
      Window window, ActivationLayout input, boolean padded, boolean ceil) {
    int depth = outputs(window.depth(), input.depth(), ceil);
    int height = outputs(window.height(), input.height(), ceil);
    int width = outputs(window.width(), input.width(), ceil);
    return layout(Shape.of(input.channels(), depth, height, width), padded);
  }

  private static int outputs(WindowAxis axis, int extent, boolean ceil) {
    return ceil ? axis.ceilOutputs(extent) : axis.outputs(extent);
  }

  private static ActivationLayout layout(int channels, int height, int width, boolean padded) {
    return layout(Shape.of(channels, height, width), padded);
  }

  private static ActivationLayout layout(Shape shape, boolean padded) {
    return padded ? ActivationLayout.padded(shape) : ActivationLayout.dense(shape);
  }

  private static boolean isLogical(ActivationLayout layout, int index) {
    return index % layout.pitch() < layout.channels();
  }

  private static void assertLogicalSame(
      ActivationLayout layout, float[] actual, float[] expected, int base, Object what) {
    for (int i = 0; i < layout.size(); i++) {
      if (isLogical(layout, i)) {
        Bits.assertSame(actual[base + i], expected[base + i], what, i);
      }
    }
  }
}
