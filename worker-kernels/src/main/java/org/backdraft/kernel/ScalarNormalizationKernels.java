package org.backdraft.kernel;

/** The readable truth of {@link NormalizationKernels}. */
final class ScalarNormalizationKernels implements NormalizationKernels {
  @Override
  public void statistics(
      float[] x,
      int xBase,
      int rows,
      int pitch,
      int channelBegin,
      int channelEnd,
      float[] mean,
      int meanBase,
      float[] variance,
      int varianceBase) {
    for (int c = channelBegin; c < channelEnd; c++) {
      double sum = 0;
      for (int begin = 0; begin < rows; begin += Kernels.BLOCK_ROWS) {
        float chain = 0;
        for (int m = begin; m < Math.min(rows, begin + Kernels.BLOCK_ROWS); m++) {
          chain += x[xBase + m * pitch + c];
        }
        sum += chain;
      }
      float center = (float) (sum / rows);
      double squares = 0;
      for (int begin = 0; begin < rows; begin += Kernels.BLOCK_ROWS) {
        float chain = 0;
        for (int m = begin; m < Math.min(rows, begin + Kernels.BLOCK_ROWS); m++) {
          float difference = x[xBase + m * pitch + c] - center;
          chain = Math.fma(difference, difference, chain);
        }
        squares += chain;
      }
      mean[meanBase + c] = center;
      variance[varianceBase + c] = (float) (squares / rows);
    }
  }

  @Override
  public void normalize(
      float[] x,
      int xBase,
      int rows,
      int pitch,
      int channelBegin,
      int channelEnd,
      float[] mean,
      int meanBase,
      float[] variance,
      int varianceBase,
      float epsilon,
      float[] scale,
      int scaleBase,
      float[] shift,
      int shiftBase,
      float[] y,
      int yBase) {
    for (int c = channelBegin; c < channelEnd; c++) {
      float inverse = inverse(variance[varianceBase + c], epsilon);
      for (int m = 0; m < rows; m++) {
        int at = m * pitch + c;
        y[yBase + at] =
            Math.fma(
                (x[xBase + at] - mean[meanBase + c]) * inverse,
                scale[scaleBase + c],
                shift[shiftBase + c]);
      }
    }
  }

  @Override
  public void backwardSums(
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      int rows,
      int pitch,
      int channelBegin,
      int channelEnd,
      float[] mean,
      int meanBase,
      float[] variance,
      int varianceBase,
      float epsilon,
      float[] dScale,
      int dScaleBase,
      float[] dShift,
      int dShiftBase) {
    for (int c = channelBegin; c < channelEnd; c++) {
      float inverse = inverse(variance[varianceBase + c], epsilon);
      double sum = 0;
      double products = 0;
      for (int begin = 0; begin < rows; begin += Kernels.BLOCK_ROWS) {
        float chain = 0;
        float productChain = 0;
        for (int m = begin; m < Math.min(rows, begin + Kernels.BLOCK_ROWS); m++) {
          float d = dy[dyBase + m * pitch + c];
          float normalized = (x[xBase + m * pitch + c] - mean[meanBase + c]) * inverse;
          chain += d;
          productChain = Math.fma(d, normalized, productChain);
        }
        sum += chain;
        products += productChain;
      }
      dShift[dShiftBase + c] = (float) sum;
      dScale[dScaleBase + c] = (float) products;
    }
  }

  @Override
  public void backward(
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      int rows,
      int pitch,
      int channelBegin,
      int channelEnd,
      float[] mean,
      int meanBase,
      float[] variance,
      int varianceBase,
      float epsilon,
      float[] scale,
      int scaleBase,
      float[] dScale,
      int dScaleBase,
      float[] dShift,
      int dShiftBase,
      float[] dx,
      int dxBase) {
    for (int c = channelBegin; c < channelEnd; c++) {
      float inverse = inverse(variance[varianceBase + c], epsilon);
      float factor = scale[scaleBase + c] * inverse;
      float meanShift = dShift[dShiftBase + c] / rows;
      float meanScale = dScale[dScaleBase + c] / rows;
      for (int m = 0; m < rows; m++) {
        int at = m * pitch + c;
        float normalized = (x[xBase + at] - mean[meanBase + c]) * inverse;
        dx[dxBase + at] = factor * Math.fma(-normalized, meanScale, dy[dyBase + at] - meanShift);
      }
    }
  }

  static float inverse(float variance, float epsilon) {
    return (float) (1 / Math.sqrt((double) variance + epsilon));
  }
}
