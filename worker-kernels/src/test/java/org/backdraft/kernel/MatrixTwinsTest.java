package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Matrix kernels: near the exact result, equal bits, nothing written outside their ranges. */
final class MatrixTwinsTest {
  private final MatrixKernels scalar = new ScalarMatrixKernels();
  private final MatrixKernels simd = new SimdMatrixKernels();
  private final RandomValues random = RandomValues.fromProperty();

  /** Rows, taps, depth, columns. */
  static Stream<Arguments> shapes() {
    return Stream.of(
        Arguments.of(0, 1, 5, 7),
        Arguments.of(1, 1, 1, 1),
        Arguments.of(2, 25, 1, 6),
        Arguments.of(3, 5, 5, 16),
        Arguments.of(5, 9, 3, 17),
        Arguments.of(7, 4, 6, 33),
        Arguments.of(8, 1, 16, 32),
        Arguments.of(15, 3, 13, 48),
        Arguments.of(31, 2, 31, 50),
        Arguments.of(64, 1, 129, 10),
        Arguments.of(3, 2, 0, 5),
        Arguments.of(150, 1, 700, 20));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void multiplyIsOneChainPerElement(int rows, int taps, int depth, int columns) {
    RowPattern pattern = pattern(rows, taps, depth);
    PanelLayout layout = new PanelLayout(taps, depth, columns);
    int panels = layout.panels();
    float[] a = random.plain(11 + rows * 5 + taps * 7 + depth + 20);
    float[] b = random.plain(layout.size() + 13);
    poisonWhatNoRowHolds(a, 11, pattern);
    poisonPadding(b, 13, layout);
    int pitch = panels * Kernels.LANES + 5;
    float[] before = random.mixed(rows * pitch + 40);
    for (float[] bias : new float[][] {null, random.plain(panels * Kernels.LANES + 3)}) {
      String what = rows + "x" + taps + "x" + depth + "x" + columns + " " + random;
      float[] expected = before.clone();
      float[] actual = before.clone();
      scalar.multiply(
          pattern, 0, rows, a, 11, layout, 0, panels, b, 13, bias, 3, expected, 9, pitch);
      simd.multiply(pattern, 0, rows, a, 11, layout, 0, panels, b, 13, bias, 3, actual, 9, pitch);
      Bits.assertSame(actual, expected, what);
      for (int m = 0; m < rows; m++) {
        for (int n = 0; n < columns; n++) {
          double sum = bias == null ? 0 : bias[3 + n];
          double size = Math.abs(sum);
          for (int t = 0; t < taps; t++) {
            for (int k = 0; k < depth; k++) {
              double left = a[11 + pattern.rowOffsets()[m] + pattern.tapOffsets()[t] + k];
              double right = b[13 + layout.index(t, k, n)];
              sum += left * right;
              size += Math.abs(left * right);
            }
          }
          assertThat((double) actual[9 + m * pitch + n])
              .as(what)
              .isBetween(
                  sum - 2 * (taps * depth + 1) * 0x1p-24 * size,
                  sum + 2 * (taps * depth + 1) * 0x1p-24 * size);
        }
        int rowEnd = 9 + m * pitch + panels * Kernels.LANES;
        for (int i = rowEnd; i < 9 + (m + 1) * pitch; i++) {
          Bits.assertSame(actual[i], before[i], what + " past the row", i);
        }
      }
      Bits.assertUntouchedOutside(actual, before, 9, 9 + rows * pitch, what);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void multiplyOfPartsGivesTheBitsOfTheWhole(int rows, int taps, int depth, int columns) {
    RowPattern pattern = pattern(rows, taps, depth);
    PanelLayout layout = new PanelLayout(taps, depth, columns);
    int panels = layout.panels();
    int pitch = panels * Kernels.LANES;
    float[] a = random.mixed(rows * 5 + taps * 7 + depth + 20);
    float[] b = random.mixed(layout.size());
    float[] bias = random.plain(pitch);
    float[] whole = new float[rows * pitch];
    scalar.multiply(pattern, 0, rows, a, 0, layout, 0, panels, b, 0, bias, 0, whole, 0, pitch);
    int rowCut = rows == 0 ? 0 : random.below(rows + 1);
    int panelCut = random.below(panels + 1);
    float[] parts = new float[rows * pitch];
    for (int part = 0; part < 4; part++) {
      boolean down = part / 2 == 1;
      boolean right = part % 2 == 1;
      simd.multiply(
          pattern,
          down ? rowCut : 0,
          down ? rows : rowCut,
          a,
          0,
          layout,
          right ? panelCut : 0,
          right ? panels : panelCut,
          b,
          0,
          bias,
          0,
          parts,
          0,
          pitch);
    }
    Bits.assertSame(parts, whole, "cut at row " + rowCut + ", panel " + panelCut + " " + random);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void accumulateOuterIsOneChainPerElement(int rows, int taps, int depth, int columns) {
    RowPattern pattern = pattern(rows, taps, depth);
    int panels = new PanelLayout(taps, depth, columns).panels();
    int dPitch = panels * Kernels.LANES + 3;
    for (int round = 0; round < 4; round++) {
      boolean special = round == 3;
      float[] a = special ? random.mixed(9 + rows * 5 + taps * 7 + depth) : plainA(pattern);
      float[] d = special ? random.mixed(rows * dPitch + 7) : random.plain(rows * dPitch + 7);
      int tap = random.below(taps);
      int panel = random.below(panels);
      int kBegin = depth == 0 ? 0 : random.below(depth);
      int kEnd = kBegin + (depth == 0 ? 0 : random.below(depth - kBegin + 1));
      int rowBegin = rows == 0 ? 0 : random.below(rows);
      int rowEnd = Math.min(rows, rowBegin + Kernels.BLOCK_ROWS);
      float[] before = random.plain(depth * Kernels.LANES + 20);
      float[] expected = before.clone();
      float[] actual = before.clone();
      String what = "rows " + rowBegin + "-" + rowEnd + ", k " + kBegin + "-" + kEnd + " " + random;
      scalar.accumulateOuter(
          pattern, tap, rowBegin, rowEnd, kBegin, kEnd, a, 9, d, 7, dPitch, panel, expected, 5);
      simd.accumulateOuter(
          pattern, tap, rowBegin, rowEnd, kBegin, kEnd, a, 9, d, 7, dPitch, panel, actual, 5);
      Bits.assertSame(actual, expected, what);
      Bits.assertUntouchedOutside(
          actual, before, 5 + kBegin * Kernels.LANES, 5 + kEnd * Kernels.LANES, what);
      if (special) {
        continue;
      }
      for (int k = kBegin; k < kEnd; k++) {
        for (int lane = 0; lane < Kernels.LANES; lane++) {
          int at = 5 + k * Kernels.LANES + lane;
          double sum = before[at];
          double size = Math.abs(sum);
          for (int m = rowBegin; m < rowEnd; m++) {
            double left = a[9 + pattern.rowOffsets()[m] + pattern.tapOffsets()[tap] + k];
            double right = d[7 + m * dPitch + panel * Kernels.LANES + lane];
            sum += left * right;
            size += Math.abs(left * right);
          }
          double bound = 2 * (rowEnd - rowBegin + 1) * 0x1p-24 * size;
          assertThat((double) actual[at]).as(what).isBetween(sum - bound, sum + bound);
        }
      }
    }
  }

  private float[] plainA(RowPattern pattern) {
    return random.plain(9 + pattern.rows() * 5 + pattern.taps() * 7 + pattern.depth());
  }

  @Test
  void accumulateRowsGivesEqualBits() {
    for (int columns : new int[] {0, 1, 3, 6, 10, 16, 21, 48, 64, 130}) {
      for (int rows : new int[] {0, 1, 2, 17}) {
        int pitch = columns + 3;
        float[] x = random.mixed(rows * pitch + 4);
        float[] before = random.plain(columns + 9);
        float[] expected = before.clone();
        float[] actual = before.clone();
        String what = "rows " + rows + ", columns " + columns + " " + random;
        scalar.accumulateRows(x, 4, rows, pitch, columns, expected, 5);
        simd.accumulateRows(x, 4, rows, pitch, columns, actual, 5);
        Bits.assertSame(actual, expected, what);
        Bits.assertUntouchedOutside(actual, before, 5, 5 + columns, what);
      }
    }
  }

  @Test
  void accumulateRowsAddsAChainOnce() {
    // 1 + (2^-24 + 2^-24) rounds up; adding one after the other to 1 would not.
    for (MatrixKernels kernels : new MatrixKernels[] {scalar, simd}) {
      float[] x = new float[2 * 37];
      Arrays.fill(x, 0x1p-24f);
      float[] sum = new float[37];
      Arrays.fill(sum, 1f);
      kernels.accumulateRows(x, 0, 2, 37, 37, sum, 0);
      for (int i = 0; i < 37; i++) {
        assertThat(sum[i]).isEqualTo(1f + 0x1p-23f);
      }
    }
  }

  @Test
  void addGivesEqualBits() {
    for (int length : new int[] {0, 1, 5, 8, 16, 19, 64, 131}) {
      float[] source = random.mixed(length + 20);
      float[] before = random.mixed(length + 20);
      float[] expected = before.clone();
      float[] actual = before.clone();
      scalar.add(expected, 3, source, 11, length);
      simd.add(actual, 3, source, 11, length);
      Bits.assertSame(actual, expected, "add, length " + length + " " + random);
      Bits.assertUntouchedOutside(actual, before, 3, 3 + length, "add " + random);
    }
  }

  /** NaN wherever no row of the pattern reads: a kernel that does would spread it. */
  private static void poisonWhatNoRowHolds(float[] a, int aBase, RowPattern pattern) {
    boolean[] held = new boolean[a.length];
    for (int row : pattern.rowOffsets()) {
      for (int tap : pattern.tapOffsets()) {
        int begin = aBase + row + tap;
        Arrays.fill(held, begin, begin + pattern.depth(), true);
      }
    }
    for (int i = 0; i < a.length; i++) {
      a[i] = held[i] ? a[i] : Float.NaN;
    }
  }

  private static void poisonPadding(float[] b, int bBase, PanelLayout layout) {
    for (int t = 0; t < layout.taps(); t++) {
      for (int k = 0; k < layout.depth(); k++) {
        for (int n = layout.columns(); n < layout.panels() * Kernels.LANES; n++) {
          b[bBase + layout.index(t, k, n)] = Float.NaN;
        }
      }
    }
  }

  /** Rows and taps at odd distances that overlap, as in a convolution. */
  private static RowPattern pattern(int rows, int taps, int depth) {
    int[] rowOffsets = new int[rows];
    for (int m = 0; m < rows; m++) {
      rowOffsets[m] = m * 5;
    }
    int[] tapOffsets = new int[taps];
    for (int t = 0; t < taps; t++) {
      tapOffsets[t] = t * 7;
    }
    return new RowPattern(rowOffsets, tapOffsets, depth);
  }
}
