package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import jdk.incubator.vector.FloatVector;

/**
 * The SIMD twin of {@link ScalarNormalizationKernels}, with vectors along channels. Sums go through
 * all rows with one vector of channels after the other. Where each element is on its own, narrow
 * rows are worked on likewise, with the constants in registers, and wide ones as they lie in
 * memory.
 */
final class SimdNormalizationKernels implements NormalizationKernels {
  /** Lanes of the widest rows whose columns lie so close that memory is read as a stream. */
  private static final int NARROW = 64;

  @Override
  public void blockStatistics(
      int rows, int lanes, float[] x, int xBase, float[] block, int blockBase) {
    for (int c = 0; c < lanes; c += WIDTH) {
      sum(rows, lanes, x, xBase + c, block, blockBase + c);
      squares(rows, lanes, x, xBase + c, block, blockBase + c);
    }
  }

  private static void sum(int rows, int lanes, float[] x, int xAt, float[] block, int blockAt) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int m = 0; m < rows; m++) {
      sum = sum.add(FloatVector.fromArray(FLOATS, x, xAt + m * lanes));
    }
    sum.intoArray(block, blockAt);
  }

  private static void squares(int rows, int lanes, float[] x, int xAt, float[] block, int blockAt) {
    FloatVector center = FloatVector.fromArray(FLOATS, block, blockAt).div((float) rows);
    FloatVector squares = FloatVector.zero(FLOATS);
    for (int m = 0; m < rows; m++) {
      FloatVector difference = FloatVector.fromArray(FLOATS, x, xAt + m * lanes).sub(center);
      squares = difference.fma(difference, squares);
    }
    squares.intoArray(block, blockAt + lanes);
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
    if (lanes <= NARROW) {
      for (int c = 0; c < lanes; c += WIDTH) {
        normalizeColumn(rows, lanes, x, xBase + c, constants, constantsBase + c, y, yBase + c);
      }
      return;
    }
    for (int m = 0; m < rows; m++) {
      int at = m * lanes;
      normalizeRow(lanes, x, xBase + at, constants, constantsBase, y, yBase + at);
    }
  }

  /** One vector of channels of all rows. */
  private static void normalizeColumn(
      int rows,
      int lanes,
      float[] x,
      int xAt,
      float[] constants,
      int constantsAt,
      float[] y,
      int yAt) {
    FloatVector mean = FloatVector.fromArray(FLOATS, constants, constantsAt + MEAN * lanes);
    FloatVector factor = FloatVector.fromArray(FLOATS, constants, constantsAt + FACTOR * lanes);
    FloatVector shift = FloatVector.fromArray(FLOATS, constants, constantsAt + SHIFT * lanes);
    for (int m = 0; m < rows; m++) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + m * lanes).sub(mean);
      v.fma(factor, shift).intoArray(y, yAt + m * lanes);
    }
  }

  private static void normalizeRow(
      int lanes, float[] x, int xAt, float[] constants, int constantsAt, float[] y, int yAt) {
    int factorAt = constantsAt + FACTOR * lanes;
    int shiftAt = constantsAt + SHIFT * lanes;
    for (int c = 0; c < lanes; c += WIDTH) {
      FloatVector mean = FloatVector.fromArray(FLOATS, constants, constantsAt + c);
      FloatVector factor = FloatVector.fromArray(FLOATS, constants, factorAt + c);
      FloatVector shift = FloatVector.fromArray(FLOATS, constants, shiftAt + c);
      FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + c).sub(mean);
      v.fma(factor, shift).intoArray(y, yAt + c);
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
    for (int c = 0; c < lanes; c += WIDTH) {
      int mean = constantsBase + MEAN * lanes + c;
      gradientSums(
          rows, lanes, x, xBase + c, dy, dyBase + c, constants, mean, block, blockBase + c);
    }
  }

  private static void gradientSums(
      int rows,
      int lanes,
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      float[] constants,
      int meanAt,
      float[] block,
      int blockAt) {
    FloatVector mean = FloatVector.fromArray(FLOATS, constants, meanAt);
    FloatVector sum = FloatVector.zero(FLOATS);
    FloatVector products = FloatVector.zero(FLOATS);
    for (int m = 0; m < rows; m++) {
      FloatVector gradient = FloatVector.fromArray(FLOATS, dy, dyAt + m * lanes);
      sum = sum.add(gradient);
      FloatVector difference = FloatVector.fromArray(FLOATS, x, xAt + m * lanes).sub(mean);
      products = gradient.fma(difference, products);
    }
    sum.intoArray(block, blockAt);
    products.intoArray(block, blockAt + lanes);
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
    if (lanes <= NARROW) {
      for (int c = 0; c < lanes; c += WIDTH) {
        int from = constantsBase + c;
        gradientColumn(rows, lanes, x, xBase + c, dy, dyBase + c, constants, from, dx, dxBase + c);
      }
      return;
    }
    for (int m = 0; m < rows; m++) {
      int at = m * lanes;
      gradientRow(lanes, x, xBase + at, dy, dyBase + at, constants, constantsBase, dx, dxBase + at);
    }
  }

  private static void gradientColumn(
      int rows,
      int lanes,
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      float[] constants,
      int constantsAt,
      float[] dx,
      int dxAt) {
    FloatVector mean = FloatVector.fromArray(FLOATS, constants, constantsAt + MEAN * lanes);
    FloatVector factor = FloatVector.fromArray(FLOATS, constants, constantsAt + FACTOR * lanes);
    FloatVector slope = FloatVector.fromArray(FLOATS, constants, constantsAt + SLOPE * lanes);
    FloatVector offset = FloatVector.fromArray(FLOATS, constants, constantsAt + OFFSET * lanes);
    for (int m = 0; m < rows; m++) {
      FloatVector difference = FloatVector.fromArray(FLOATS, x, xAt + m * lanes).sub(mean);
      FloatVector ofStatistics = difference.fma(slope, offset);
      FloatVector gradient = FloatVector.fromArray(FLOATS, dy, dyAt + m * lanes);
      gradient.fma(factor, ofStatistics).intoArray(dx, dxAt + m * lanes);
    }
  }

  private static void gradientRow(
      int lanes,
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      float[] constants,
      int constantsAt,
      float[] dx,
      int dxAt) {
    int factorAt = constantsAt + FACTOR * lanes;
    int slopeAt = constantsAt + SLOPE * lanes;
    int offsetAt = constantsAt + OFFSET * lanes;
    for (int c = 0; c < lanes; c += WIDTH) {
      FloatVector mean = FloatVector.fromArray(FLOATS, constants, constantsAt + c);
      FloatVector slope = FloatVector.fromArray(FLOATS, constants, slopeAt + c);
      FloatVector offset = FloatVector.fromArray(FLOATS, constants, offsetAt + c);
      FloatVector difference = FloatVector.fromArray(FLOATS, x, xAt + c).sub(mean);
      FloatVector ofStatistics = difference.fma(slope, offset);
      FloatVector factor = FloatVector.fromArray(FLOATS, constants, factorAt + c);
      FloatVector gradient = FloatVector.fromArray(FLOATS, dy, dyAt + c);
      gradient.fma(factor, ofStatistics).intoArray(dx, dxAt + c);
    }
  }
}
