package org.backdraft.kernel;

/** The readable truth of {@link DepthwiseKernels}. */
final class ScalarDepthwiseKernels implements DepthwiseKernels {
  @Override
  public void convolve(
      RowPattern pattern,
      int rowBegin,
      int rowEnd,
      float[] x,
      int xBase,
      float[] w,
      int wBase,
      float[] bias,
      int biasBase,
      float[] y,
      int yBase) {
    int depth = pattern.depth();
    for (int m = rowBegin; m < rowEnd; m++) {
      for (int c = 0; c < depth; c++) {
        float sum = bias[biasBase + c];
        for (int t = 0; t < pattern.taps(); t++) {
          sum = Math.fma(x[start(pattern, t, m, xBase) + c], w[wBase + t * depth + c], sum);
        }
        y[yBase + pattern.targets()[m] + c] = sum;
      }
    }
  }

  @Override
  public void accumulateWeights(
      RowPattern pattern,
      int rowBegin,
      int rowEnd,
      int channelBegin,
      int channelEnd,
      float[] x,
      int xBase,
      float[] d,
      int dBase,
      int dPitch,
      float[] g,
      int gBase) {
    if (rowEnd <= rowBegin) {
      return;
    }
    for (int t = 0; t < pattern.taps(); t++) {
      for (int c = channelBegin; c < channelEnd; c++) {
        float chain = 0;
        for (int m = rowBegin; m < rowEnd; m++) {
          chain = Math.fma(x[start(pattern, t, m, xBase) + c], d[dBase + m * dPitch + c], chain);
        }
        g[gBase + t * (channelEnd - channelBegin) + c - channelBegin] += chain;
      }
    }
  }

  private static int start(RowPattern pattern, int tap, int row, int base) {
    int offset = pattern.offsets()[tap * pattern.rows() + row];
    return offset == RowPattern.ZERO ? 0 : base + offset;
  }
}
