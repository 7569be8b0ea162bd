package org.backdraft.kernel.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.backdraft.random.CounterRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every tile, also those that no calibration would choose here: the sums are the chains of fused
 * multiply-adds that their interfaces promise, bit for bit. Vectors wider than the machine's are
 * emulated by the JDK. Needs a JVM of its own, since C2 of JDK 17 boxes vectors once it has seen
 * those of several widths.
 */
@Tag("cluster")
final class TileCatalogTest {
  private static final int PITCH = 40;
  private static final int DEPTH = 18;
  private static final int PANEL_SIZE = DEPTH * 16 + 16;
  private static final int A_BASE = 3;
  private static final int K_BEGIN = 2;

  private final float[] a = values(1, 2000);
  private final float[] b = values(2, 2 * PANEL_SIZE + 7);
  private final float[] start = values(3, 2000);

  private static float[] values(long stream, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = 2 * CounterRandom.uniform(5, stream, i) - 1;
    }
    return values;
  }

  private static int[] multiples(int count, int of) {
    int[] multiples = new int[count];
    Arrays.setAll(multiples, i -> i * of);
    return multiples;
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 256, 128})
  void runsAreChainsFromTheirStarts(int bits) {
    for (RunTile tile : TileCatalog.runs(bits)) {
      for (int startMask : new int[] {0, -1}) {
        int rows = 2 * tile.rows() + Math.min(1, tile.rows() - 1);
        int[] offsets = multiples(rows + 1, PITCH);
        offsets[2] = -1; // a row of zeros
        float[] left = a.clone();
        Arrays.fill(left, 0, DEPTH + K_BEGIN, 0f);
        int[] targets = multiples(rows, 33);
        float[] c = new float[rows * 33];
        int done =
            tile.run(
                offsets,
                1,
                0,
                rows,
                left,
                A_BASE,
                K_BEGIN,
                DEPTH,
                b,
                7,
                PANEL_SIZE,
                start,
                5,
                startMask,
                c,
                0,
                targets);
        assertThat(done).as("%s rows done", tile).isEqualTo(2 * tile.rows());
        float[] expected = new float[c.length];
        for (int m = 0; m < done; m++) {
          for (int n = 0; n < 16 * tile.panels(); n++) {
            float sum = start[5 + (targets[m] & startMask) + n];
            for (int k = 0; k < DEPTH; k++) {
              int row = offsets[1 + m] < 0 ? 0 : A_BASE + offsets[1 + m];
              sum = Math.fma(left[row + K_BEGIN + k], right(k, n), sum);
            }
            expected[targets[m] + n] = sum;
          }
        }
        assertThat(c).as("%s of %d bits, start mask %d", tile, bits, startMask).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 256, 128})
  void packedRowsAreTheSameChains(int bits) {
    for (PackedTile tile : TileCatalog.packed(bits)) {
      for (int startMask : new int[] {0, -1}) {
        int rowBegin = 1;
        int rowEnd = rowBegin + 2 * tile.rows() + Math.min(1, tile.rows() - 1);
        int[] offsets = multiples(rowEnd + 1, PITCH);
        offsets[2] = -1; // a row of zeros
        float[] left = a.clone();
        Arrays.fill(left, 0, DEPTH + K_BEGIN, 0f);
        int[] targets = multiples(rowEnd, 33);
        float[] c = new float[rowEnd * 33];
        float[] packed = new float[2 * tile.rows() * DEPTH];
        Arrays.fill(packed, Float.NaN);
        int done = tile.pack(offsets, 1, rowBegin, rowEnd, left, A_BASE, K_BEGIN, DEPTH, packed);
        assertThat(done).as("%s rows packed", tile).isEqualTo(rowBegin + 2 * tile.rows());
        tile.run(
            packed, rowBegin, done, DEPTH, b, 7, PANEL_SIZE, start, 5, startMask, c, 0, targets);
        float[] expected = new float[c.length];
        for (int m = rowBegin; m < done; m++) {
          for (int n = 0; n < 16 * tile.panels(); n++) {
            float sum = start[5 + (targets[m] & startMask) + n];
            for (int k = 0; k < DEPTH; k++) {
              int row = offsets[1 + m] < 0 ? 0 : A_BASE + offsets[1 + m];
              sum = Math.fma(left[row + K_BEGIN + k], right(k, n), sum);
            }
            expected[targets[m] + n] = sum;
          }
        }
        assertThat(c).as("%s of %d bits, start mask %d", tile, bits, startMask).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 256, 128})
  void termsAreChainsFromOneStart(int bits) {
    int[] terms = {0, 1, 2, 11, 12, 13, 25};
    for (TermTile tile : TileCatalog.terms(bits)) {
      int rows = 2 * tile.rows() + Math.min(1, tile.rows() - 1);
      int[] offsets = multiples(rows, PITCH);
      int[] targets = multiples(rows, 33);
      float[] c = new float[rows * 33];
      int done =
          tile.run(offsets, 0, rows, a, A_BASE, terms, b, 7, PANEL_SIZE, start, 5, c, 0, targets);
      assertThat(done).as("%s rows done", tile).isEqualTo(2 * tile.rows());
      float[] expected = new float[c.length];
      for (int m = 0; m < done; m++) {
        for (int n = 0; n < 16 * tile.panels(); n++) {
          float sum = start[5 + n];
          for (int k = 0; k < terms.length; k++) {
            sum = Math.fma(a[A_BASE + offsets[m] + terms[k]], right(k, n), sum);
          }
          expected[targets[m] + n] = sum;
        }
      }
      assertThat(c).as("%s of %d bits", tile, bits).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 256, 128})
  void outerProductsAreChainsThatAreAddedOnce(int bits) {
    int gStride = 40 * 16;
    for (OuterTile tile : TileCatalog.outers(bits)) {
      int columns = 2 * tile.rows() + Math.min(1, tile.rows() - 1);
      int[] starts = multiples(DEPTH, PITCH);
      float[] g = values(4, 2 * gStride + 9);
      float[] expected = g.clone();
      float[] fresh = g.clone();
      int done = tile.run(starts, DEPTH, 4, 4 + columns, a, b, g, -1, g, 9, gStride);
      float[] zeros = new float[OuterTile.ZEROS];
      tile.run(starts, DEPTH, 4, 4 + columns, a, b, zeros, 0, fresh, 9, gStride);
      assertThat(done).as("%s rows done", tile).isEqualTo(4 + 2 * tile.rows());
      for (int k = 4; k < done; k++) {
        for (int n = 0; n < 16 * tile.panels(); n++) {
          float sum = 0;
          for (int m = 0; m < DEPTH; m++) {
            sum = Math.fma(a[starts[m] + k], b[m * 16 * tile.panels() + n], sum);
          }
          int at = 9 + n / 16 * gStride + (k - 4) * 16 + n % 16;
          expected[at] += sum;
          assertThat(fresh[at]).as("%s of %d bits", tile, bits).isEqualTo(0 + sum);
        }
      }
      assertThat(g).as("%s of %d bits", tile, bits).isEqualTo(expected);
    }
  }

  private float right(int k, int n) {
    return b[7 + n / 16 * PANEL_SIZE + k * 16 + n % 16];
  }
}
