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
      int cBase) {
    for (int m = rowBegin; m < rowEnd; m++) {
      for (int panel = panelBegin; panel < panelEnd; panel++) {
        int ct = cBase + pattern.targets()[m] + panel * Kernels.LANES;
        for (int lane = 0; lane < Kernels.LANES; lane++) {
          c[ct + lane] = bias == null ? 0f : bias[biasBase + panel * Kernels.LANES + lane];
        }
        int bt = bBase + panel * layout.panelSize();
        for (int t = 0; t < pattern.taps(); t++) {
          int at = rowStart(pattern, t, m, aBase);
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

  private static int rowStart(RowPattern pattern, int tap, int row, int base) {
    int offset = pattern.offsets()[tap * pattern.rows() + row];
    return offset == RowPattern.ZERO ? 0 : base + offset;
  }

  @Override
  public void accumulateOuter(
      RowPattern pattern,
      int rowBegin,
      int rowEnd,
      int termBegin,
      int termEnd,
      float[] a,
      int aBase,
      float[] d,
      int dBase,
      int dPitch,
      int panelBegin,
      int panelEnd,
      float[] g,
      int gBase,
      int gStride,
      boolean isFirst) {
    if (rowEnd <= rowBegin) {
      return;
    }
    for (int panel = panelBegin; panel < panelEnd; panel++) {
      for (int term = termBegin; term < termEnd; term++) {
        int tap = term / pattern.depth();
        int k = term % pattern.depth();
        int gt = gBase + (panel - panelBegin) * gStride + (term - termBegin) * Kernels.LANES;
        for (int lane = 0; lane < Kernels.LANES; lane++) {
          float sum = 0;
          for (int m = rowBegin; m < rowEnd; m++) {
            float left = a[rowStart(pattern, tap, m, aBase) + k];
            sum = Math.fma(left, d[dBase + m * dPitch + panel * Kernels.LANES + lane], sum);
          }
          g[gt + lane] = (isFirst ? 0f : g[gt + lane]) + sum;
        }
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

  @Override
  public void copyRows(
      float[] from,
      int fromBase,
      int fromPitch,
      float[] to,
      int toBase,
      int toPitch,
      int rows,
      int columns) {
    for (int m = 0; m < rows; m++) {
      for (int column = 0; column < columns; column++) {
        to[toBase + m * toPitch + column] = from[fromBase + m * fromPitch + column];
      }
    }
  }

  @Override
  public void sumTerms(
      float[] source,
      int sourceBase,
      int[] offsets,
      int terms,
      float[] target,
      int targetBase,
      int pitch,
      int columns) {
    for (int row = 0; row < offsets.length / terms; row++) {
      for (int column = 0; column < columns; column++) {
        float sum = 0f;
        for (int i = 0; i < terms; i++) {
          sum += source[sourceBase + offsets[row * terms + i] + column];
        }
        target[targetBase + row * pitch + column] = sum;
      }
    }
  }

  @Override
  public void copyRuns(
      int[] sources,
      int[] targets,
      int begin,
      int end,
      int length,
      float[] from,
      int fromBase,
      float[] to,
      int toBase) {
    for (int i = begin; i < end; i++) {
      System.arraycopy(from, fromBase + sources[i], to, toBase + targets[i], length);
    }
  }
}
