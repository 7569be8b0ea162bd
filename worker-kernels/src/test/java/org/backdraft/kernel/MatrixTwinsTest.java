package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.IntFunction;
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

  /** Rows, taps, depth, columns, and whether some rows of taps are zeros. */
  static Stream<Arguments> shapes() {
    return Stream.of(
        Arguments.of(0, 1, 5, 7, false),
        Arguments.of(1, 1, 1, 1, false),
        Arguments.of(2, 25, 1, 6, false),
        Arguments.of(3, 5, 5, 16, true),
        Arguments.of(5, 9, 3, 17, false),
        Arguments.of(7, 4, 6, 33, true),
        Arguments.of(8, 1, 16, 32, false),
        Arguments.of(15, 3, 13, 48, false),
        Arguments.of(31, 2, 31, 50, true),
        Arguments.of(64, 1, 129, 10, false),
        Arguments.of(3, 2, 0, 5, false),
        Arguments.of(150, 1, 700, 20, false),
        Arguments.of(23, 2, 301, 270, true),
        Arguments.of(261, 9, 33, 80, true));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void multiplyIsOneChainPerElement(int rows, int taps, int depth, int columns, boolean zeros) {
    PanelLayout layout = new PanelLayout(taps, depth, columns);
    int panels = layout.panels();
    int pitch = panels * Kernels.LANES + 5;
    RowPattern pattern = pattern(rows, taps, depth, pitch, zeros);
    float[] a = leftOperand(pattern, random::plain);
    int aBase = depth + 11;
    float[] b = random.plain(layout.size() + 13);
    poisonWhatNoRowHolds(a, aBase, pattern);
    poisonPadding(b, 13, layout);
    float[] before = random.mixed(rows * pitch + 40);
    for (float[] bias : new float[][] {null, random.plain(panels * Kernels.LANES + 3)}) {
      String what = rows + "x" + taps + "x" + depth + "x" + columns + " " + random;
      float[] expected = before.clone();
      float[] actual = before.clone();
      scalar.multiply(pattern, 0, rows, a, aBase, layout, 0, panels, b, 13, bias, 3, expected, 9);
      simd.multiply(pattern, 0, rows, a, aBase, layout, 0, panels, b, 13, bias, 3, actual, 9);
      Bits.assertSame(actual, expected, what);
      for (int m = 0; m < rows; m++) {
        int target = 9 + pattern.targets()[m];
        for (int n = 0; n < columns; n++) {
          double sum = bias == null ? 0 : bias[3 + n];
          double size = Math.abs(sum);
          for (int t = 0; t < taps; t++) {
            for (int k = 0; k < depth; k++) {
              double left = left(pattern, t, m, k, a, aBase);
              double right = b[13 + layout.index(t, k, n)];
              sum += left * right;
              size += Math.abs(left * right);
            }
          }
          double bound = 2 * (taps * depth + 1) * 0x1p-24 * size;
          assertThat((double) actual[target + n]).as(what).isBetween(sum - bound, sum + bound);
        }
        for (int i = target + panels * Kernels.LANES; i < target + pitch; i++) {
          Bits.assertSame(actual[i], before[i], what + " past the row", i);
        }
      }
      Bits.assertUntouchedOutside(actual, before, 9, 9 + rows * pitch, what);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void multiplyOfPartsGivesTheBitsOfTheWhole(
      int rows, int taps, int depth, int columns, boolean zeros) {
    PanelLayout layout = new PanelLayout(taps, depth, columns);
    int panels = layout.panels();
    int pitch = panels * Kernels.LANES;
    RowPattern pattern = pattern(rows, taps, depth, pitch, zeros);
    float[] a = leftOperand(pattern, random::mixed);
    float[] b = random.mixed(layout.size());
    float[] bias = random.plain(pitch);
    float[] whole = new float[rows * pitch];
    scalar.multiply(pattern, 0, rows, a, depth, layout, 0, panels, b, 0, bias, 0, whole, 0);
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
          depth,
          layout,
          right ? panelCut : 0,
          right ? panels : panelCut,
          b,
          0,
          bias,
          0,
          parts,
          0);
    }
    Bits.assertSame(parts, whole, "cut at row " + rowCut + ", panel " + panelCut + " " + random);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void accumulateOuterIsOneChainPerElement(
      int rows, int taps, int depth, int columns, boolean zeros) {
    int panels = new PanelLayout(taps, depth, columns).panels();
    int dPitch = panels * Kernels.LANES + 3;
    RowPattern pattern = pattern(rows, taps, depth, 1, zeros);
    int terms = taps * depth;
    int aBase = depth + 9;
    for (int round = 0; round < 4; round++) {
      boolean special = round == 3;
      float[] a = leftOperand(pattern, special ? random::mixed : random::plain);
      float[] d = special ? random.mixed(rows * dPitch + 7) : random.plain(rows * dPitch + 7);
      int panelBegin = random.below(panels);
      int panelEnd = panelBegin + 1 + random.below(panels - panelBegin);
      int termBegin = terms == 0 ? 0 : random.below(terms);
      int termEnd = termBegin + (terms == 0 ? 0 : random.below(terms - termBegin + 1));
      int rowBegin = rows == 0 ? 0 : random.below(rows);
      int rowEnd = Math.min(rows, rowBegin + Kernels.BLOCK_ROWS);
      int stride = (termEnd - termBegin) * Kernels.LANES + 3;
      boolean isFirst = rows > 0 && round % 2 == 1;
      float[] before = random.plain((panelEnd - panelBegin) * stride + 20);
      if (isFirst) {
        Arrays.fill(before, Float.NaN);
      }
      float[] expected = before.clone();
      float[] actual = before.clone();
      String what =
          "rows %d-%d, terms %d-%d, panels %d-%d %s"
              .formatted(rowBegin, rowEnd, termBegin, termEnd, panelBegin, panelEnd, random);
      scalar.accumulateOuter(
          pattern,
          rowBegin,
          rowEnd,
          termBegin,
          termEnd,
          a,
          aBase,
          d,
          7,
          dPitch,
          panelBegin,
          panelEnd,
          expected,
          5,
          stride,
          isFirst);
      simd.accumulateOuter(
          pattern,
          rowBegin,
          rowEnd,
          termBegin,
          termEnd,
          a,
          aBase,
          d,
          7,
          dPitch,
          panelBegin,
          panelEnd,
          actual,
          5,
          stride,
          isFirst);
      Bits.assertSame(actual, expected, what);
      for (int panel = panelBegin; panel < panelEnd; panel++) {
        int tile = 5 + (panel - panelBegin) * stride;
        for (int i = tile + stride - 3; i < tile + stride; i++) {
          Bits.assertSame(actual[i], before[i], what + " between panels", i);
        }
        for (int i = 0; i < (special ? 0 : stride - 3); i++) {
          int term = termBegin + i / Kernels.LANES;
          double sum = isFirst ? 0 : before[tile + i];
          double size = Math.abs(sum);
          for (int m = rowBegin; m < rowEnd; m++) {
            double left = left(pattern, term / depth, m, term % depth, a, aBase);
            double right = d[7 + m * dPitch + panel * Kernels.LANES + i % Kernels.LANES];
            sum += left * right;
            size += Math.abs(left * right);
          }
          double bound = 2 * (rowEnd - rowBegin + 1) * 0x1p-24 * size;
          assertThat((double) actual[tile + i]).as(what).isBetween(sum - bound, sum + bound);
        }
      }
      Bits.assertUntouchedOutside(actual, before, 5, 5 + (panelEnd - panelBegin) * stride, what);
    }
  }

  /** Zeros as long as a row of zeros, then values for all rows that are none. */
  private static float[] leftOperand(RowPattern pattern, IntFunction<float[]> values) {
    float[] a = values.apply(11 + pattern.rows() * 5 + pattern.taps() * 7 + 2 * pattern.depth());
    Arrays.fill(a, 0, pattern.depth(), 0);
    return a;
  }

  private static double left(RowPattern pattern, int tap, int row, int k, float[] a, int aBase) {
    int offset = pattern.offsets()[tap * pattern.rows() + row];
    return offset == RowPattern.ZERO ? 0 : a[aBase + offset + k];
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
  void copyRowsMovesTheRowsAlone() {
    for (int columns : new int[] {0, 1, 7, 16, 17, 48, 53}) {
      for (int rows : new int[] {0, 1, 5}) {
        float[] from = random.mixed(rows * (columns + 3) + 9);
        float[] before = random.mixed(rows * (columns + 5) + 20);
        float[] expected = before.clone();
        float[] actual = before.clone();
        String what = "rows " + rows + ", columns " + columns + " " + random;
        scalar.copyRows(from, 2, columns + 3, expected, 11, columns + 5, rows, columns);
        simd.copyRows(from, 2, columns + 3, actual, 11, columns + 5, rows, columns);
        Bits.assertSame(actual, expected, what);
        for (int i = 0; i < rows * columns; i++) {
          int m = i / columns;
          int c = i % columns;
          Bits.assertSame(
              actual[11 + m * (columns + 5) + c], from[2 + m * (columns + 3) + c], what, i);
        }
        Bits.assertUntouchedOutside(actual, before, 11, 11 + rows * (columns + 5), what);
      }
    }
  }

  @Test
  void copyRunsMovesTheRunsAlone() {
    for (int length : new int[] {1, 3, 8, 9, 15, 16}) {
      for (int count : new int[] {0, 1, 4, 37}) {
        int[] sources = new int[count];
        int[] targets = new int[count];
        for (int i = 0; i < count; i++) {
          sources[i] = random.below(50);
          targets[i] = i * length + i / 5 * 2;
        }
        int begin = count / 5;
        int last = count == 0 ? 0 : targets[count - 1] + length;
        // The last runs end with the array.
        float[] from = random.mixed(3 + 49 + length);
        float[] before = random.mixed(7 + last + 2 * Kernels.LANES);
        float[] to = before.clone();
        String what = "length " + length + ", runs " + count + " " + random;
        simd.copyRuns(sources, targets, begin, count, length, from, 3, to, 7);
        for (int i = begin; i < count; i++) {
          for (int k = 0; k < length; k++) {
            Bits.assertSame(to[7 + targets[i] + k], from[3 + sources[i] + k], what, i);
          }
        }
        int first = count == 0 ? 0 : targets[begin];
        Bits.assertUntouchedOutside(to, before, 7 + first, 7 + last + Kernels.LANES, what);
        scalar.copyRuns(sources, targets, begin, count, length, from, 3, before, 7);
        for (int i = begin; i < count; i++) {
          for (int k = 0; k < length; k++) {
            Bits.assertSame(before[7 + targets[i] + k], from[3 + sources[i] + k], what, i);
          }
        }
      }
    }
  }

  @Test
  void sumTermsGivesEqualBits() {
    for (int columns : new int[] {1, 6, 8, 16, 23}) {
      for (int terms : new int[] {1, 2, 25}) {
        for (int rows : new int[] {1, 3, 4, 9}) {
          int pitch = (columns + Kernels.LANES - 1) / Kernels.LANES * Kernels.LANES;
          int[] offsets = new int[rows * terms];
          for (int i = 0; i < offsets.length; i++) {
            offsets[i] = random.below(300);
          }
          float[] source = random.mixed(5 + 300 + pitch);
          float[] before = random.mixed(9 + rows * pitch + 20);
          float[] expected = before.clone();
          float[] actual = before.clone();
          scalar.sumTerms(source, 5, offsets, terms, expected, 9, pitch, columns);
          simd.sumTerms(source, 5, offsets, terms, actual, 9, pitch, columns);
          String what = columns + " columns, " + terms + " terms, " + rows + " rows " + random;
          for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
              int at = 9 + row * pitch + column;
              Bits.assertSame(actual[at], expected[at], what, at);
            }
          }
          Bits.assertUntouchedOutside(actual, before, 9, 9 + rows * pitch, what);
        }
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
    Arrays.fill(held, 0, pattern.depth(), true);
    for (int offset : pattern.offsets()) {
      if (offset != RowPattern.ZERO) {
        Arrays.fill(held, aBase + offset, aBase + offset + pattern.depth(), true);
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

  /** Rows and taps at odd distances that overlap, as in a convolution; some may be zeros. */
  private RowPattern pattern(int rows, int taps, int depth, int targetPitch, boolean zeros) {
    RowPattern uniform =
        RowPattern.uniform(
            RowPattern.multiples(rows, 5), RowPattern.multiples(taps, 7), depth, targetPitch);
    if (!zeros) {
      return uniform;
    }
    int[] offsets = uniform.offsets().clone();
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = random.below(4) == 0 ? RowPattern.ZERO : offsets[i];
    }
    return new RowPattern(taps, depth, offsets, uniform.targets());
  }
}
