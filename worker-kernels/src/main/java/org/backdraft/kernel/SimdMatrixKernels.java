package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.BITS;
import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;
import static org.backdraft.kernel.SimdSpecies.wholeVectors;

import jdk.incubator.vector.FloatVector;

/**
 * The SIMD twin of {@link ScalarMatrixKernels}: cuts matrices into tiles that fit the registers of
 * the width at hand. How they are cut decides no bit, since each element of a tile is one chain.
 */
final class SimdMatrixKernels implements MatrixKernels {
  /** Floats of the left operand that stay in L2 while all panels pass by. */
  private static final int BLOCK_FLOATS = 1 << 16;

  private static final int LEAST_BLOCK_ROWS = 8;
  private static final int MOST_VECTORS = 4;

  /**
   * What chains start from where there is no bias: as many zeros as the widest tile has columns.
   */
  private final float[] zeros = new float[2 * Kernels.LANES];

  @Override
  public void multiply(
      RowPattern pattern,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      PanelLayout layout,
      int panelBegin,
      int panelEnd,
      float[] b,
      int bBase,
      float[] bias,
      int biasBase,
      float[] c,
      int cBase,
      int cPitch) {
    int rowFloats = Math.max(1, layout.taps() * layout.depth());
    int blockRows = Math.max(LEAST_BLOCK_ROWS, BLOCK_FLOATS / rowFloats & -LEAST_BLOCK_ROWS);
    for (int row = rowBegin; row < rowEnd; row += blockRows) {
      int blockEnd = Math.min(rowEnd, row + blockRows);
      for (int panel = panelBegin; panel < panelEnd; ) {
        boolean two = BITS == 512 && panel + 2 <= panelEnd;
        float[] start = bias == null ? zeros : bias;
        // The tiles find their start from the panel's number; zeros begin anew at each.
        int startBase = bias == null ? -panel * Kernels.LANES : biasBase;
        multiplyPanels(
            pattern,
            row,
            blockEnd,
            a,
            aBase,
            layout.panelSize(),
            panel,
            two,
            b,
            bBase,
            start,
            startBase,
            c,
            cBase,
            cPitch);
        panel += two ? 2 : 1;
      }
    }
  }

  private static void multiplyPanels(
      RowPattern pattern,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      int panelSize,
      int panel,
      boolean two,
      float[] b,
      int bBase,
      float[] start,
      int startBase,
      float[] c,
      int cBase,
      int cPitch) {
    if (two) {
      MultiplyTiles512.twoPanels(
          pattern, rowBegin, rowEnd, a, aBase, panelSize, panel, b, bBase, start, startBase, c,
          cBase, cPitch);
    } else if (BITS == 512) {
      MultiplyTiles512.onePanel(
          pattern, rowBegin, rowEnd, a, aBase, panelSize, panel, b, bBase, start, startBase, c,
          cBase, cPitch);
    } else if (BITS == 256) {
      MultiplyTiles256.onePanel(
          pattern, rowBegin, rowEnd, a, aBase, panelSize, panel, b, bBase, start, startBase, c,
          cBase, cPitch);
    } else {
      MultiplyTiles128.onePanel(
          pattern, rowBegin, rowEnd, a, aBase, panelSize, panel, b, bBase, start, startBase, c,
          cBase, cPitch);
    }
  }

  @Override
  public void accumulateOuter(
      RowPattern pattern,
      int tap,
      int rowBegin,
      int rowEnd,
      int kBegin,
      int kEnd,
      float[] a,
      int aBase,
      float[] d,
      int dBase,
      int dPitch,
      int panel,
      float[] g,
      int gBase) {
    int[] rows = pattern.rowOffsets();
    int aTap = aBase + pattern.tapOffsets()[tap];
    int dAt = dBase + panel * Kernels.LANES;
    if (BITS == 512) {
      OuterTiles512.run(rows, rowBegin, rowEnd, kBegin, kEnd, a, aTap, d, dAt, dPitch, g, gBase);
    } else if (BITS == 256) {
      OuterTiles256.run(rows, rowBegin, rowEnd, kBegin, kEnd, a, aTap, d, dAt, dPitch, g, gBase);
    } else {
      OuterTiles128.run(rows, rowBegin, rowEnd, kBegin, kEnd, a, aTap, d, dAt, dPitch, g, gBase);
    }
  }

  @Override
  public void accumulateRows(
      float[] x, int xBase, int rows, int pitch, int columns, float[] sum, int sumBase) {
    int column = 0;
    for (; column + MOST_VECTORS * WIDTH <= columns; column += MOST_VECTORS * WIDTH) {
      addColumnsOfFourVectors(x, xBase + column, rows, pitch, sum, sumBase + column);
    }
    for (; column + WIDTH <= columns; column += WIDTH) {
      addColumnsOfVector(x, xBase + column, rows, pitch, sum, sumBase + column);
    }
    for (; column + 4 <= columns; column += 4) {
      addFourColumns(x, xBase + column, rows, pitch, sum, sumBase + column);
    }
    for (; column < columns; column++) {
      float chain = 0f;
      for (int m = 0; m < rows; m++) {
        chain += x[xBase + m * pitch + column];
      }
      sum[sumBase + column] += chain;
    }
  }

  private static void addColumnsOfFourVectors(
      float[] x, int xAt, int rows, int pitch, float[] sum, int sumAt) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = FloatVector.zero(FLOATS);
    FloatVector s2 = FloatVector.zero(FLOATS);
    FloatVector s3 = FloatVector.zero(FLOATS);
    for (int m = 0; m < rows; m++) {
      int at = xAt + m * pitch;
      s0 = s0.add(FloatVector.fromArray(FLOATS, x, at));
      s1 = s1.add(FloatVector.fromArray(FLOATS, x, at + WIDTH));
      s2 = s2.add(FloatVector.fromArray(FLOATS, x, at + 2 * WIDTH));
      s3 = s3.add(FloatVector.fromArray(FLOATS, x, at + 3 * WIDTH));
    }
    FloatVector.fromArray(FLOATS, sum, sumAt).add(s0).intoArray(sum, sumAt);
    FloatVector.fromArray(FLOATS, sum, sumAt + WIDTH).add(s1).intoArray(sum, sumAt + WIDTH);
    FloatVector.fromArray(FLOATS, sum, sumAt + 2 * WIDTH).add(s2).intoArray(sum, sumAt + 2 * WIDTH);
    FloatVector.fromArray(FLOATS, sum, sumAt + 3 * WIDTH).add(s3).intoArray(sum, sumAt + 3 * WIDTH);
  }

  private static void addColumnsOfVector(
      float[] x, int xAt, int rows, int pitch, float[] sum, int sumAt) {
    FloatVector chain = FloatVector.zero(FLOATS);
    for (int m = 0; m < rows; m++) {
      chain = chain.add(FloatVector.fromArray(FLOATS, x, xAt + m * pitch));
    }
    FloatVector.fromArray(FLOATS, sum, sumAt).add(chain).intoArray(sum, sumAt);
  }

  /** Four chains side by side, so that they do not wait for each other's additions. */
  private static void addFourColumns(
      float[] x, int xAt, int rows, int pitch, float[] sum, int sumAt) {
    float s0 = 0f;
    float s1 = 0f;
    float s2 = 0f;
    float s3 = 0f;
    for (int m = 0; m < rows; m++) {
      int at = xAt + m * pitch;
      s0 += x[at];
      s1 += x[at + 1];
      s2 += x[at + 2];
      s3 += x[at + 3];
    }
    sum[sumAt] += s0;
    sum[sumAt + 1] += s1;
    sum[sumAt + 2] += s2;
    sum[sumAt + 3] += s3;
  }

  @Override
  public void add(float[] target, int targetBase, float[] source, int sourceBase, int length) {
    int whole = wholeVectors(length);
    for (int i = 0; i < whole; i += WIDTH) {
      FloatVector summand = FloatVector.fromArray(FLOATS, source, sourceBase + i);
      FloatVector.fromArray(FLOATS, target, targetBase + i)
          .add(summand)
          .intoArray(target, targetBase + i);
    }
    for (int i = whole; i < length; i++) {
      target[targetBase + i] += source[sourceBase + i];
    }
  }
}
