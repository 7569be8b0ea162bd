package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The SIMD twin of {@link ScalarLayerNormKernels}. What is summed lies in scratch, block by block,
 * with zeros in the padding lanes: adding +0 changes no bit of a chain that began with +0. The work
 * in double, once per block or less, is plain code.
 */
final class SimdLayerNormKernels implements LayerNormKernels {
  private final ThreadLocal<VectorScratch> scratch = VectorScratch.perThread();

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
    int pitch = row.pitch();
    int blockPixels = row.blockPixels();
    float[] block = scratch.get().floats(blockPixels * pitch + Kernels.LANES);
    for (int m = 0; m < rows; m++) {
      int at = xBase + m * row.length();
      double sum = 0;
      for (int pixel = 0; pixel < row.pixels(); pixel += blockPixels) {
        int count = Math.min(blockPixels, row.pixels() - pixel);
        System.arraycopy(x, at + pixel * pitch, block, 0, count * pitch);
        clearPadding(row, block, 0, count);
        sum += sum(block, count * pitch);
      }
      float center = (float) (sum / row.elements());
      double squares = 0;
      for (int pixel = 0; pixel < row.pixels(); pixel += blockPixels) {
        int count = Math.min(blockPixels, row.pixels() - pixel);
        differences(x, at + pixel * pitch, center, block, count * pitch);
        clearPadding(row, block, 0, count);
        squares += sumOfProducts(block, 0, 0, count * pitch, count * pitch);
      }
      mean[meanBase + m] = center;
      inverse[inverseBase + m] = ScalarLayerNormKernels.inverse(squares / row.elements(), epsilon);
    }
  }

  private static void clearPadding(NormalizedRow row, float[] block, int at, int pixels) {
    int pitch = row.pitch();
    if (row.channels() < pitch) {
      for (int pixel = 0; pixel < pixels; pixel++) {
        int begin = at + pixel * pitch;
        Arrays.fill(block, begin + row.channels(), begin + pitch, 0f);
      }
    }
  }

  private static void differences(float[] x, int xAt, float center, float[] block, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector.fromArray(FLOATS, x, xAt + i).sub(center).intoArray(block, i);
    }
  }

  /** The sum of whole panels; the chains of the virtual lanes are left behind them. */
  private static float sum(float[] block, int length) {
    for (int lane = 0; lane < Kernels.LANES; lane += WIDTH) {
      FloatVector chain = FloatVector.zero(FLOATS);
      for (int i = lane; i < length; i += Kernels.LANES) {
        chain = chain.add(FloatVector.fromArray(FLOATS, block, i));
      }
      chain.intoArray(block, length + lane);
    }
    return joined(block, length);
  }

  /** Likewise of the products of two ranges; the chains are left at {@code chains}. */
  private static float sumOfProducts(float[] block, int left, int right, int length, int chains) {
    for (int lane = 0; lane < Kernels.LANES; lane += WIDTH) {
      FloatVector chain = FloatVector.zero(FLOATS);
      for (int i = lane; i < length; i += Kernels.LANES) {
        FloatVector factor = FloatVector.fromArray(FLOATS, block, left + i);
        chain = factor.fma(FloatVector.fromArray(FLOATS, block, right + i), chain);
      }
      chain.intoArray(block, chains + lane);
    }
    return joined(block, chains);
  }

  /** The tree over 16 virtual lanes: l and l + 8, then l and l + 4, l + 2, l + 1. */
  private static float joined(float[] x, int lanes) {
    for (int half = Kernels.LANES / 2; half >= 1; half /= 2) {
      for (int lane = lanes; lane < lanes + half; lane++) {
        x[lane] += x[lane + half];
      }
    }
    return x[lanes];
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
      normalizeRow(
          x,
          xBase + m * length,
          mean[meanBase + m],
          inverse[inverseBase + m],
          scale,
          scaleBase,
          shift,
          shiftBase,
          y,
          yBase + m * length,
          length);
    }
  }

  private static void normalizeRow(
      float[] x,
      int xAt,
      float center,
      float factor,
      float[] scale,
      int scaleBase,
      float[] shift,
      int shiftBase,
      float[] y,
      int yAt,
      int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + i).sub(center).mul(factor);
      FloatVector weight = FloatVector.fromArray(FLOATS, scale, scaleBase + i);
      v.fma(weight, FloatVector.fromArray(FLOATS, shift, shiftBase + i)).intoArray(y, yAt + i);
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
    int pitch = row.pitch();
    int length = row.length();
    int blockPixels = row.blockPixels();
    // The normalized values, behind them dy · scale, behind them the chains.
    int gradients = blockPixels * pitch;
    int chains = 2 * gradients;
    float[] block = scratch.get().floats(chains + Kernels.LANES);
    for (int m = 0; m < rows; m++) {
      int xAt = xBase + m * length;
      int dyAt = dyBase + m * length;
      float center = mean[meanBase + m];
      float factor = inverse[inverseBase + m];
      double sum = 0;
      double products = 0;
      for (int pixel = 0; pixel < row.pixels(); pixel += blockPixels) {
        int count = Math.min(blockPixels, row.pixels() - pixel);
        int at = pixel * pitch;
        normalized(x, xAt + at, center, factor, block, count * pitch);
        scaled(dy, dyAt + at, scale, scaleBase + at, block, gradients, count * pitch);
        clearPadding(row, block, 0, count);
        clearPadding(row, block, gradients, count);
        products += sumOfProducts(block, gradients, 0, count * pitch, chains);
        System.arraycopy(block, gradients, block, 0, count * pitch);
        sum += sum(block, count * pitch);
      }
      float meanGradient = (float) (sum / row.elements());
      float meanProduct = (float) (products / row.elements());
      backwardRow(
          x,
          xAt,
          center,
          factor,
          dy,
          dyAt,
          scale,
          scaleBase,
          meanGradient,
          meanProduct,
          dx,
          dxBase + m * length,
          length);
    }
  }

  private static void normalized(
      float[] x, int xAt, float center, float factor, float[] block, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector.fromArray(FLOATS, x, xAt + i).sub(center).mul(factor).intoArray(block, i);
    }
  }

  private static void scaled(
      float[] dy, int dyAt, float[] scale, int scaleAt, float[] block, int blockAt, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyAt + i);
      d.mul(FloatVector.fromArray(FLOATS, scale, scaleAt + i)).intoArray(block, blockAt + i);
    }
  }

  private static void backwardRow(
      float[] x,
      int xAt,
      float center,
      float factor,
      float[] dy,
      int dyAt,
      float[] scale,
      int scaleBase,
      float meanGradient,
      float meanProduct,
      float[] dx,
      int dxAt,
      int length) {
    FloatVector product = FloatVector.broadcast(FLOATS, meanProduct);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + i).sub(center).mul(factor);
      FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i);
      g = g.mul(FloatVector.fromArray(FLOATS, scale, scaleBase + i)).sub(meanGradient);
      v.mul(-1f).fma(product, g).mul(factor).intoArray(dx, dxAt + i);
    }
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
    for (int lane = 0; lane < Kernels.LANES; lane += WIDTH) {
      accumulateLanes(
          length,
          rows,
          x,
          xBase + lane,
          dy,
          dyBase + lane,
          mean,
          meanBase,
          inverse,
          inverseBase,
          dScale,
          dScaleBase + lane,
          dShift,
          dShiftBase + lane);
    }
  }

  private static void accumulateLanes(
      int length,
      int rows,
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      float[] mean,
      int meanBase,
      float[] inverse,
      int inverseBase,
      float[] dScale,
      int dScaleAt,
      float[] dShift,
      int dShiftAt) {
    FloatVector sum = FloatVector.zero(FLOATS);
    FloatVector products = FloatVector.zero(FLOATS);
    for (int m = 0; m < rows; m++) {
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyAt + m * length);
      FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + m * length);
      v = v.sub(mean[meanBase + m]).mul(inverse[inverseBase + m]);
      products = d.fma(v, products);
      sum = sum.add(d);
    }
    FloatVector.fromArray(FLOATS, dScale, dScaleAt).add(products).intoArray(dScale, dScaleAt);
    FloatVector.fromArray(FLOATS, dShift, dShiftAt).add(sum).intoArray(dShift, dShiftAt);
  }
}
