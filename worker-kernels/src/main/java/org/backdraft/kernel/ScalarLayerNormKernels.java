package org.backdraft.kernel;

/** The readable truth of {@link LayerNormKernels}. */
final class ScalarLayerNormKernels implements LayerNormKernels {
  @Override
  public void statistics(
      NormalizedRow row,
      int rows,
      float epsilon,
      float[] x,
      int xBase,
      float[] mean,
      int meanBase,
      float[] inverse,
      int inverseBase) {
    int blockPixels = row.blockPixels();
    for (int m = 0; m < rows; m++) {
      int at = xBase + m * row.length();
      double sum = 0;
      for (int pixel = 0; pixel < row.pixels(); pixel += blockPixels) {
        sum += blockSum(row, pixel, x, at, 0, 1);
      }
      float center = (float) (sum / row.elements());
      double squares = 0;
      for (int pixel = 0; pixel < row.pixels(); pixel += blockPixels) {
        squares += blockSquares(row, pixel, x, at, center, 0, 1);
      }
      mean[meanBase + m] = center;
      inverse[inverseBase + m] = inverse(squares / row.elements(), epsilon);
    }
  }

  static float inverse(double variance, float epsilon) {
    return (float) (1 / Math.sqrt(variance + epsilon));
  }

  private static int blockEnd(NormalizedRow row, int pixelBegin) {
    return Math.min(row.pixels(), pixelBegin + row.blockPixels());
  }

  /** The sum over the virtual lanes {@code lane, lane + stride …} of a block. */
  private static float blockSum(
      NormalizedRow row, int pixelBegin, float[] x, int xAt, int lane, int stride) {
    if (stride < Kernels.LANES) {
      return blockSum(row, pixelBegin, x, xAt, lane, 2 * stride)
          + blockSum(row, pixelBegin, x, xAt, lane + stride, 2 * stride);
    }
    float chain = 0f;
    for (int pixel = pixelBegin; pixel < blockEnd(row, pixelBegin); pixel++) {
      for (int c = lane; c < row.channels(); c += Kernels.LANES) {
        chain += x[xAt + pixel * row.pitch() + c];
      }
    }
    return chain;
  }

  /** As {@link #blockSum}. */
  private static float blockSquares(
      NormalizedRow row, int pixelBegin, float[] x, int xAt, float center, int lane, int stride) {
    if (stride < Kernels.LANES) {
      return blockSquares(row, pixelBegin, x, xAt, center, lane, 2 * stride)
          + blockSquares(row, pixelBegin, x, xAt, center, lane + stride, 2 * stride);
    }
    float chain = 0f;
    for (int pixel = pixelBegin; pixel < blockEnd(row, pixelBegin); pixel++) {
      for (int c = lane; c < row.channels(); c += Kernels.LANES) {
        float difference = x[xAt + pixel * row.pitch() + c] - center;
        chain = Math.fma(difference, difference, chain);
      }
    }
    return chain;
  }

  @Override
  public void normalize(
      NormalizedRow row,
      int rows,
      float[] x,
      int xBase,
      float[] mean,
      int meanBase,
      float[] inverse,
      int inverseBase,
      float[] scale,
      int scaleBase,
      float[] shift,
      int shiftBase,
      float[] y,
      int yBase) {
    int length = row.length();
    for (int m = 0; m < rows; m++) {
      for (int i = 0; i < length; i++) {
        float normalized =
            (x[xBase + m * length + i] - mean[meanBase + m]) * inverse[inverseBase + m];
        y[yBase + m * length + i] =
            Math.fma(normalized, scale[scaleBase + i], shift[shiftBase + i]);
      }
    }
  }

  @Override
  public void backward(
      NormalizedRow row,
      int rows,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] mean,
      int meanBase,
      float[] inverse,
      int inverseBase,
      float[] scale,
      int scaleBase,
      float[] dx,
      int dxBase) {
    int length = row.length();
    int blockPixels = row.blockPixels();
    for (int m = 0; m < rows; m++) {
      int xAt = xBase + m * length;
      int dyAt = dyBase + m * length;
      float center = mean[meanBase + m];
      float factor = inverse[inverseBase + m];
      double sum = 0;
      double products = 0;
      for (int pixel = 0; pixel < row.pixels(); pixel += blockPixels) {
        sum += blockGradients(row, pixel, dy, dyAt, scale, scaleBase, 0, 1);
        products +=
            blockProducts(row, pixel, x, xAt, center, factor, dy, dyAt, scale, scaleBase, 0, 1);
      }
      float meanGradient = (float) (sum / row.elements());
      float meanProduct = (float) (products / row.elements());
      for (int i = 0; i < length; i++) {
        float normalized = (x[xAt + i] - center) * factor;
        float g = dy[dyAt + i] * scale[scaleBase + i];
        dx[dxBase + m * length + i] = factor * Math.fma(-normalized, meanProduct, g - meanGradient);
      }
    }
  }

  /** As {@link #blockSum}, of dy · scale. */
  private static float blockGradients(
      NormalizedRow row,
      int pixelBegin,
      float[] dy,
      int dyAt,
      float[] scale,
      int scaleBase,
      int lane,
      int stride) {
    if (stride < Kernels.LANES) {
      return blockGradients(row, pixelBegin, dy, dyAt, scale, scaleBase, lane, 2 * stride)
          + blockGradients(row, pixelBegin, dy, dyAt, scale, scaleBase, lane + stride, 2 * stride);
    }
    float chain = 0f;
    for (int pixel = pixelBegin; pixel < blockEnd(row, pixelBegin); pixel++) {
      for (int c = lane; c < row.channels(); c += Kernels.LANES) {
        int i = pixel * row.pitch() + c;
        chain += dy[dyAt + i] * scale[scaleBase + i];
      }
    }
    return chain;
  }

  /** As {@link #blockSum}, of dy · scale · x̂. */
  private static float blockProducts(
      NormalizedRow row,
      int pixelBegin,
      float[] x,
      int xAt,
      float center,
      float factor,
      float[] dy,
      int dyAt,
      float[] scale,
      int scaleBase,
      int lane,
      int stride) {
    if (stride < Kernels.LANES) {
      int next = 2 * stride;
      return blockProducts(
              row, pixelBegin, x, xAt, center, factor, dy, dyAt, scale, scaleBase, lane, next)
          + blockProducts(
              row,
              pixelBegin,
              x,
              xAt,
              center,
              factor,
              dy,
              dyAt,
              scale,
              scaleBase,
              lane + stride,
              next);
    }
    float chain = 0f;
    for (int pixel = pixelBegin; pixel < blockEnd(row, pixelBegin); pixel++) {
      for (int c = lane; c < row.channels(); c += Kernels.LANES) {
        int i = pixel * row.pitch() + c;
        float normalized = (x[xAt + i] - center) * factor;
        chain = Math.fma(dy[dyAt + i] * scale[scaleBase + i], normalized, chain);
      }
    }
    return chain;
  }

  @Override
  public void accumulateGradients(
      int length,
      int rows,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] mean,
      int meanBase,
      float[] inverse,
      int inverseBase,
      float[] dScale,
      int dScaleBase,
      float[] dShift,
      int dShiftBase) {
    for (int lane = 0; lane < Kernels.LANES; lane++) {
      float sum = 0f;
      float products = 0f;
      for (int m = 0; m < rows; m++) {
        float d = dy[dyBase + m * length + lane];
        float v = x[xBase + m * length + lane];
        sum += d;
        products = Math.fma(d, (v - mean[meanBase + m]) * inverse[inverseBase + m], products);
      }
      dScale[dScaleBase + lane] += products;
      dShift[dShiftBase + lane] += sum;
    }
  }
}
