package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Resizing kernels: logical elements have equal bits, padding lanes never reach them. */
final class ResizeTwinsTest {
  private final ResizeKernels scalar = new ScalarResizeKernels();
  private final ResizeKernels simd = new SimdResizeKernels();
  private final RandomValues random = RandomValues.fromProperty();

  static Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    int[][] outputs = {{5, 4}, {10, 12}, {7, 9}, {1, 1}, {3, 13}};
    for (int[] output : outputs) {
      for (int channels : new int[] {1, 3, 16, 20, 33}) {
        cases.add(Arguments.of(output[0], output[1], channels, true));
        cases.add(Arguments.of(output[0], output[1], channels, false));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void nearestGivesEqualBits(int height, int width, int channels, boolean padded) {
    ActivationLayout input = layout(channels, 5, 4, padded);
    ActivationLayout output = layout(channels, height, width, padded);
    ResizeAxis rows = ResizeAxis.nearest(5, height);
    ResizeAxis columns = ResizeAxis.nearest(4, width);
    String what = "nearest " + output + " " + random;
    float[] x = random.mixed(input.size() + 10);
    float[] before = random.mixed(output.size() + 20);
    float[] expected = before.clone();
    float[] actual = before.clone();
    scalar.nearest(rows, columns, input, x, 3, output, expected, 5);
    simd.nearest(rows, columns, input, x, 3, output, actual, 5);
    assertLogicalSame(output, actual, expected, 5, what);
    Bits.assertUntouchedOutside(actual, before, 5, 5 + output.size(), what);

    float[] dy = random.mixed(output.size() + 5);
    float[] dxBefore = random.mixed(input.size() + 9);
    float[] expectedDx = dxBefore.clone();
    float[] actualDx = dxBefore.clone();
    scalar.nearestBackward(rows, columns, output, dy, 5, input, expectedDx, 4);
    simd.nearestBackward(rows, columns, output, dy, 5, input, actualDx, 4);
    assertLogicalSame(input, actualDx, expectedDx, 4, "backward " + what);
    Bits.assertUntouchedOutside(actualDx, dxBefore, 4, 4 + input.size(), what);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void linearGivesEqualBits(int height, int width, int channels, boolean padded) {
    ActivationLayout input = layout(channels, 5, 4, padded);
    ActivationLayout output = layout(channels, height, width, padded);
    ResizeAxis rows = ResizeAxis.linear(5, height);
    ResizeAxis columns = ResizeAxis.linear(4, width);
    String what = "linear " + output + " " + random;
    float[] x = random.mixed(input.size() + 10);
    float[] before = random.mixed(output.size() + 20);
    float[] expected = before.clone();
    float[] actual = before.clone();
    scalar.linear(rows, columns, input, x, 3, output, expected, 5);
    simd.linear(rows, columns, input, x, 3, output, actual, 5);
    assertLogicalSame(output, actual, expected, 5, what);
    Bits.assertUntouchedOutside(actual, before, 5, 5 + output.size(), what);

    float[] dy = random.mixed(output.size() + 5);
    float[] dxBefore = random.mixed(input.size() + 9);
    float[] expectedDx = dxBefore.clone();
    float[] actualDx = dxBefore.clone();
    scalar.linearBackward(rows, columns, output, dy, 5, input, expectedDx, 4);
    simd.linearBackward(rows, columns, output, dy, 5, input, actualDx, 4);
    assertLogicalSame(input, actualDx, expectedDx, 4, "backward " + what);
    Bits.assertUntouchedOutside(actualDx, dxBefore, 4, 4 + input.size(), what);
  }

  @Test
  void axesFollowPyTorch() {
    ResizeAxis nearest = ResizeAxis.nearest(2, 5);
    ResizeAxis linear = ResizeAxis.linear(2, 4);
    assertThat(nearest.length()).isEqualTo(5);
    int[] sources = new int[5];
    for (int i = 0; i < 5; i++) {
      sources[i] = nearest.low(i);
    }
    assertThat(sources).containsExactly(0, 0, 0, 1, 1);
    float[] at = new float[4];
    for (int i = 0; i < 4; i++) {
      at[i] = linear.low(i) + linear.fraction(i);
    }
    assertThat(at).containsExactly(0, 0.25f, 0.75f, 1.25f);
    // Beyond the last pixel both neighbours are that one.
    assertThat(linear.high(3)).isEqualTo(1);
  }

  private static ActivationLayout layout(int channels, int height, int width, boolean padded) {
    Shape shape = Shape.of(channels, height, width);
    return padded ? ActivationLayout.padded(shape) : ActivationLayout.dense(shape);
  }

  private static void assertLogicalSame(
      ActivationLayout layout, float[] actual, float[] expected, int base, Object what) {
    for (int i = 0; i < layout.size(); i++) {
      if (i % layout.pitch() < layout.channels()) {
        Bits.assertSame(actual[base + i], expected[base + i], what, i);
      }
    }
  }
}
