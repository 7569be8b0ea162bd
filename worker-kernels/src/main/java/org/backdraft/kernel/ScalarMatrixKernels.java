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
    for (int m = rowBegin; m < rowEnd; m++) {
      for (int panel = panelBegin; panel < panelEnd; panel++) {
        int ct = cBase + m * cPitch + panel * Kernels.LANES;
        for (int lane = 0; lane < Kernels.LANES; lane++) {
          c[ct + lane] = bias == null ? 0f : bias[biasBase + panel * Kernels.LANES + lane];
        }
        int bt = bBase + panel * layout.panelSize();
        for (int t = 0; t < taps.length; t++) {
          int at = aBase + rows[m] + taps[t];
          for (int k = 0; k < pattern.depth(); k++) {
            for (int lane = 0; lane < Kernels.LANES; lane++) {
              c[ct + lane] = Math.fma(a[at + k], b[bt + lane], c[ct + lane]);
            }
            bt += Kernels.LANES;
          }
        }
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
