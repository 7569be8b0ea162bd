package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;
import static org.backdraft.kernel.SimdSpecies.wholeVectors;

import jdk.incubator.vector.FloatVector;

/**
 * The SIMD twin of {@link ScalarMatrixKernels}. Products are cut into blocks that fit the caches
 * and tiles that fit the registers; how they are cut decides no bit, since each element is one
 * chain, which a tile takes up where the one before left it.
 */
final class SimdMatrixKernels implements MatrixKernels {
  private static final int MOST_VECTORS = 4;

  private final TileProducts products = new TileProducts();
  private final TileOuterProducts outerProducts = new TileOuterProducts();

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
    products.multiply(
        pattern,
        rowBegin,
        rowEnd,
        a,
        aBase,
        layout,
        panelBegin,
        panelEnd,
        b,
        bBase,
        bias,
        biasBase,
        c,
        cBase);
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
    outerProducts.accumulate(
        pattern,
        rowBegin,
        rowEnd,
        termBegin,
        termEnd,
        a,
        aBase,
        d,
        dBase,
        dPitch,
        panelBegin,
        panelEnd,
        g,
        gBase,
        gStride,
        isFirst);
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
    int whole = wholeVectors(columns);
    for (int column = 0; column < whole; column += WIDTH) {
      copyVectors(from, fromBase + column, fromPitch, to, toBase + column, toPitch, rows);
    }
    for (int m = 0; whole < columns && m < rows; m++) {
      for (int column = whole; column < columns; column++) {
        to[toBase + m * toPitch + column] = from[fromBase + m * fromPitch + column];
      }
    }
  }

  /** One vector of each row. */
  static void copyVectors(
      float[] from, int fromBase, int fromPitch, float[] to, int toBase, int toPitch, int rows) {
    for (int m = 0; m < rows; m++) {
      FloatVector.fromArray(FLOATS, from, fromBase + m * fromPitch)
          .intoArray(to, toBase + m * toPitch);
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
    int rows = offsets.length / terms;
    for (int column = 0; column < columns; column += WIDTH) {
      int row = 0;
      for (; row + 4 <= rows; row += 4) {
        sumTermsOfFour(
            source,
            sourceBase + column,
            offsets,
            row * terms,
            terms,
            target,
            targetBase + row * pitch + column,
            pitch);
      }
      for (; row < rows; row++) {
        sumTermsOfOne(
            source,
            sourceBase + column,
            offsets,
            row * terms,
            terms,
            target,
            targetBase + row * pitch + column);
      }
    }
  }

  private static void sumTermsOfFour(
      float[] source,
      int base,
      int[] offsets,
      int at,
      int terms,
      float[] target,
      int to,
      int pitch) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = FloatVector.zero(FLOATS);
    FloatVector s2 = FloatVector.zero(FLOATS);
    FloatVector s3 = FloatVector.zero(FLOATS);
    int i = at;
    do {
      s0 = s0.add(FloatVector.fromArray(FLOATS, source, base + offsets[i]));
      s1 = s1.add(FloatVector.fromArray(FLOATS, source, base + offsets[i + terms]));
      s2 = s2.add(FloatVector.fromArray(FLOATS, source, base + offsets[i + 2 * terms]));
      s3 = s3.add(FloatVector.fromArray(FLOATS, source, base + offsets[i + 3 * terms]));
      i++;
    } while (i < at + terms);
    s0.intoArray(target, to);
    s1.intoArray(target, to + pitch);
    s2.intoArray(target, to + 2 * pitch);
    s3.intoArray(target, to + 3 * pitch);
  }

  private static void sumTermsOfOne(
      float[] source, int base, int[] offsets, int at, int terms, float[] target, int to) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int i = at;
    do {
      sum = sum.add(FloatVector.fromArray(FLOATS, source, base + offsets[i]));
      i++;
    } while (i < at + terms);
    sum.intoArray(target, to);
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
    // Whole vectors: what they bring along is overwritten by the next run, as long as none of them
    // reads past the array.
    int lastWhole = from.length - fromBase - Kernels.LANES;
    for (int i = begin; i < end; i++) {
      int source = sources[i];
      int target = toBase + targets[i];
      if (source > lastWhole) {
        System.arraycopy(from, fromBase + source, to, target, length);
        continue;
      }
      FloatVector.fromArray(FLOATS, from, fromBase + source).intoArray(to, target);
      for (int k = WIDTH; k < length; k += WIDTH) {
        FloatVector.fromArray(FLOATS, from, fromBase + source + k).intoArray(to, target + k);
      }
    }
  }
}
