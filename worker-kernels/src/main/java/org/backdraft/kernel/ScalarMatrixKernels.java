package org.backdraft.kernel;

/** The readable truth of {@link MatrixKernels}. */
final class ScalarMatrixKernels implements MatrixKernels {
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
    int[] rows = pattern.rowOffsets();
    int[] taps = pattern.tapOffsets();
    int depth = pattern.depth();
    for (int m = rowBegin; m < rowEnd; m++) {
      for (int column = panelBegin * Kernels.LANES; column < panelEnd * Kernels.LANES; column++) {
        float sum = bias == null ? 0f : bias[biasBase + column];
        for (int t = 0; t < taps.length; t++) {
          int at = aBase + rows[m] + taps[t];
          int bt = bBase + layout.index(t, 0, column);
          for (int k = 0; k < depth; k++) {
            sum = Math.fma(a[at + k], b[bt + k * Kernels.LANES], sum);
          }
        }
        c[cBase + m * cPitch + column] = sum;
      }
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
    int at = aBase + pattern.tapOffsets()[tap];
    int dt = dBase + panel * Kernels.LANES;
    for (int k = kBegin; k < kEnd; k++) {
      for (int lane = 0; lane < Kernels.LANES; lane++) {
        float sum = 0;
        for (int m = rowBegin; m < rowEnd; m++) {
          sum = Math.fma(a[at + rows[m] + k], d[dt + m * dPitch + lane], sum);
        }
        g[gBase + k * Kernels.LANES + lane] += sum;
      }
    }
  }

  @Override
  public void accumulateRows(
      float[] x, int xBase, int rows, int pitch, int columns, float[] sum, int sumBase) {
    for (int column = 0; column < columns; column++) {
      float chain = 0;
      for (int m = 0; m < rows; m++) {
        chain += x[xBase + m * pitch + column];
      }
      sum[sumBase + column] += chain;
    }
  }

  @Override
  public void add(float[] target, int targetBase, float[] source, int sourceBase, int length) {
    for (int i = 0; i < length; i++) {
      target[targetBase + i] += source[sourceBase + i];
    }
  }
}
