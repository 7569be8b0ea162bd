package org.backdraft.kernel;

/** The readable truth of {@link NormalizationKernels}. */
final class ScalarNormalizationKernels implements NormalizationKernels {
  @Override
  public void blockStatistics(
      int rows, int lanes, float[] x, int xBase, float[] block, int blockBase) {
    for (int c = 0; c < lanes; c++) {
      float sum = 0;
      for (int m = 0; m < rows; m++) {
        sum += x[xBase + m * lanes + c];
      }
      float center = sum / rows;
      float squares = 0;
      for (int m = 0; m < rows; m++) {
        float difference = x[xBase + m * lanes + c] - center;
        squares = Math.fma(difference, difference, squares);
      }
      block[blockBase + c] = sum;
      block[blockBase + lanes + c] = squares;
    }
  }

  @Override
  public void normalize(
      int rows,
      int lanes,
      float[] x,
      int xBase,
      float[] constants,
      int constantsBase,
      float[] y,
      int yBase) {
    for (int m = 0; m < rows; m++) {
      for (int c = 0; c < lanes; c++) {
        float mean = constants[constantsBase + MEAN * lanes + c];
        float factor = constants[constantsBase + FACTOR * lanes + c];
        float shift = constants[constantsBase + SHIFT * lanes + c];
        int at = m * lanes + c;
        y[yBase + at] = Math.fma(x[xBase + at] - mean, factor, shift);
      }
    }
  }

  @Override
  public void blockGradients(
      int rows,
      int lanes,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] constants,
      int constantsBase,
      float[] block,
      int blockBase) {
    for (int c = 0; c < lanes; c++) {
      float mean = constants[constantsBase + MEAN * lanes + c];
      float sum = 0;
      float products = 0;
      for (int m = 0; m < rows; m++) {
        float gradient = dy[dyBase + m * lanes + c];
        sum += gradient;
        products = Math.fma(gradient, x[xBase + m * lanes + c] - mean, products);
      }
      block[blockBase + c] = sum;
      block[blockBase + lanes + c] = products;
    }
  }

  @Override
  public void inputGradient(
      int rows,
      int lanes,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] constants,
      int constantsBase,
      float[] dx,
      int dxBase) {
    for (int m = 0; m < rows; m++) {
      for (int c = 0; c < lanes; c++) {
        float mean = constants[constantsBase + MEAN * lanes + c];
        float factor = constants[constantsBase + FACTOR * lanes + c];
        float slope = constants[constantsBase + SLOPE * lanes + c];
        float offset = constants[constantsBase + OFFSET * lanes + c];
        int at = m * lanes + c;
        float ofStatistics = Math.fma(x[xBase + at] - mean, slope, offset);
        dx[dxBase + at] = Math.fma(dy[dyBase + at], factor, ofStatistics);
      }
    }
  }
}
