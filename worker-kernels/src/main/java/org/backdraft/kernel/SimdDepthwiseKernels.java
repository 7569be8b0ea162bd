package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import jdk.incubator.vector.FloatVector;

/**
 * Lanes along channels. Eight pixels pass at once, so that a tap's weights are loaded once for all
 * of them; a weight gradient keeps the sums of nine or three taps, so that an element of the
 * output's gradient is loaded once for these. Where pixels lie is worked out once for all channels.
 */
final class SimdDepthwiseKernels implements DepthwiseKernels {
  private static final int TILE_ROWS = 8;

  /** Taps of one stretch of a chain; a longer one is taken up from the output. */
  private static final int MOST_TAPS = 64;

  private static final int MANY_TAPS = 9;
  private static final int FEW_TAPS = 3;

  /** Keeps sums of offsets from overflowing, so that C2 keeps whole addresses; see ADR 5. */
  private static final int OFFSET = 0x3fffffff;

  private static final int LENGTH = 0xfffff;

  private final ThreadLocal<Places> places = ThreadLocal.withInitial(Places::new);

  /** Where the pixels of a tile, or of a block, lie. */
  private static final class Places {
    final int[] tile = new int[TILE_ROWS * MOST_TAPS];
    final int[] from = new int[TILE_ROWS];
    final int[] to = new int[TILE_ROWS];
    final int[] block = new int[MANY_TAPS * Kernels.BLOCK_ROWS];
  }

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
    TileProducts.checkLength(x);
    TileProducts.checkLength(y);
    int depth = pattern.depth();
    if (pattern.taps() == 0) {
      for (int m = rowBegin; m < rowEnd; m++) {
        System.arraycopy(bias, biasBase, y, yBase + pattern.targets()[m], depth);
      }
      return;
    }
    Places at = places.get();
    int rows;
    for (int row = rowBegin; row < rowEnd; row += rows) {
      rows = rowEnd - row >= TILE_ROWS ? TILE_ROWS : 1;
      for (int tap = 0; tap < pattern.taps(); tap += MOST_TAPS) {
        int taps = Math.min(MOST_TAPS, pattern.taps() - tap);
        resolveTile(pattern, row, rows, tap, taps, xBase, at.tile);
        for (int i = 0; i < rows; i++) {
          at.to[i] = yBase + pattern.targets()[row + i];
          at.from[i] = tap == 0 ? biasBase : at.to[i];
        }
        float[] start = tap == 0 ? bias : y;
        int wAt = wBase + tap * depth;
        if (rows == 1) {
          for (int c = 0; c < depth; c += WIDTH) {
            oneRow(at.tile, taps, x, c, w, wAt, depth, start, at.from, y, at.to);
          }
        } else {
          for (int c = 0; c < depth; c += WIDTH) {
            eightRows(at.tile, taps, x, c, w, wAt, depth, start, at.from, y, at.to);
          }
        }
      }
    }
  }

  private static void resolveTile(
      RowPattern pattern, int row, int rows, int tap, int taps, int base, int[] starts) {
    int[] offsets = pattern.offsets();
    for (int t = 0; t < taps; t++) {
      int from = (tap + t) * pattern.rows() + row;
      for (int i = 0; i < rows; i++) {
        int offset = offsets[from + i];
        starts[t * TILE_ROWS + i] = (base + offset) & ~(offset >> 31);
      }
    }
  }

  private static void oneRow(
      int[] starts,
      int taps,
      float[] x,
      int c,
      float[] w,
      int wBase,
      int wPitch,
      float[] start,
      int[] from,
      float[] y,
      int[] to) {
    FloatVector a = FloatVector.fromArray(FLOATS, start, (from[0] & OFFSET) + c);
    int end = taps & LENGTH;
    int wAt = (wBase & OFFSET) + c;
    for (int t = 0; t < end; t++) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, wAt + t * wPitch);
      a = FloatVector.fromArray(FLOATS, x, (starts[t * TILE_ROWS] & OFFSET) + c).fma(weight, a);
    }
    a.intoArray(y, (to[0] & OFFSET) + c);
  }

  private static void eightRows(
      int[] starts,
      int taps,
      float[] x,
      int c,
      float[] w,
      int wBase,
      int wPitch,
      float[] start,
      int[] from,
      float[] y,
      int[] to) {
    FloatVector a0 = FloatVector.fromArray(FLOATS, start, (from[0] & OFFSET) + c);
    FloatVector a1 = FloatVector.fromArray(FLOATS, start, (from[1] & OFFSET) + c);
    FloatVector a2 = FloatVector.fromArray(FLOATS, start, (from[2] & OFFSET) + c);
    FloatVector a3 = FloatVector.fromArray(FLOATS, start, (from[3] & OFFSET) + c);
    FloatVector a4 = FloatVector.fromArray(FLOATS, start, (from[4] & OFFSET) + c);
    FloatVector a5 = FloatVector.fromArray(FLOATS, start, (from[5] & OFFSET) + c);
    FloatVector a6 = FloatVector.fromArray(FLOATS, start, (from[6] & OFFSET) + c);
    FloatVector a7 = FloatVector.fromArray(FLOATS, start, (from[7] & OFFSET) + c);
    int end = taps & LENGTH;
    int wAt = (wBase & OFFSET) + c;
    for (int t = 0; t < end; t++) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, wAt + t * wPitch);
      int s = t * TILE_ROWS;
      a0 = FloatVector.fromArray(FLOATS, x, (starts[s] & OFFSET) + c).fma(weight, a0);
      a1 = FloatVector.fromArray(FLOATS, x, (starts[s + 1] & OFFSET) + c).fma(weight, a1);
      a2 = FloatVector.fromArray(FLOATS, x, (starts[s + 2] & OFFSET) + c).fma(weight, a2);
      a3 = FloatVector.fromArray(FLOATS, x, (starts[s + 3] & OFFSET) + c).fma(weight, a3);
      a4 = FloatVector.fromArray(FLOATS, x, (starts[s + 4] & OFFSET) + c).fma(weight, a4);
      a5 = FloatVector.fromArray(FLOATS, x, (starts[s + 5] & OFFSET) + c).fma(weight, a5);
      a6 = FloatVector.fromArray(FLOATS, x, (starts[s + 6] & OFFSET) + c).fma(weight, a6);
      a7 = FloatVector.fromArray(FLOATS, x, (starts[s + 7] & OFFSET) + c).fma(weight, a7);
    }
    a0.intoArray(y, (to[0] & OFFSET) + c);
    a1.intoArray(y, (to[1] & OFFSET) + c);
    a2.intoArray(y, (to[2] & OFFSET) + c);
    a3.intoArray(y, (to[3] & OFFSET) + c);
    a4.intoArray(y, (to[4] & OFFSET) + c);
    a5.intoArray(y, (to[5] & OFFSET) + c);
    a6.intoArray(y, (to[6] & OFFSET) + c);
    a7.intoArray(y, (to[7] & OFFSET) + c);
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
    TileProducts.checkLength(x);
    TileProducts.checkLength(d);
    if (rowEnd <= rowBegin) {
      return;
    }
    int[] block = places.get().block;
    int rows = rowEnd - rowBegin;
    int width = channelEnd - channelBegin;
    int dAt = dBase + rowBegin * dPitch;
    int taps;
    for (int tap = 0; tap < pattern.taps(); tap += taps) {
      int left = pattern.taps() - tap;
      taps = left >= MANY_TAPS ? MANY_TAPS : left >= FEW_TAPS ? FEW_TAPS : 1;
      resolveBlock(pattern, rowBegin, rows, tap, taps, xBase, block);
      int gAt = gBase + tap * width - channelBegin;
      if (taps == MANY_TAPS) {
        for (int c = channelBegin; c < channelEnd; c += WIDTH) {
          nineTaps(block, rows, x, c, d, dAt + c, dPitch, g, gAt + c, width);
        }
      } else if (taps == FEW_TAPS) {
        for (int c = channelBegin; c < channelEnd; c += WIDTH) {
          threeTaps(block, rows, x, c, d, dAt + c, dPitch, g, gAt + c, width);
        }
      } else {
        for (int c = channelBegin; c < channelEnd; c += WIDTH) {
          oneTap(block, rows, x, c, d, dAt + c, dPitch, g, gAt + c);
        }
      }
    }
  }

  /** The places of a row's taps lie side by side. */
  private static void resolveBlock(
      RowPattern pattern, int row, int rows, int tap, int taps, int base, int[] starts) {
    int[] offsets = pattern.offsets();
    for (int t = 0; t < taps; t++) {
      int from = (tap + t) * pattern.rows() + row;
      for (int m = 0; m < rows; m++) {
        int offset = offsets[from + m];
        starts[m * taps + t] = (base + offset) & ~(offset >> 31);
      }
    }
  }

  private static void oneTap(
      int[] starts,
      int rows,
      float[] x,
      int c,
      float[] d,
      int dAt,
      int dPitch,
      float[] g,
      int gAt) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int end = rows & LENGTH;
    int dFrom = dAt & OFFSET;
    for (int m = 0; m < end; m++) {
      FloatVector factor = FloatVector.fromArray(FLOATS, d, dFrom + m * dPitch);
      sum = FloatVector.fromArray(FLOATS, x, (starts[m] & OFFSET) + c).fma(factor, sum);
    }
    FloatVector.fromArray(FLOATS, g, gAt).add(sum).intoArray(g, gAt);
  }

  private static void threeTaps(
      int[] starts,
      int rows,
      float[] x,
      int c,
      float[] d,
      int dAt,
      int dPitch,
      float[] g,
      int gAt,
      int gPitch) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    int end = rows & LENGTH;
    int dFrom = dAt & OFFSET;
    for (int m = 0; m < end; m++) {
      FloatVector factor = FloatVector.fromArray(FLOATS, d, dFrom + m * dPitch);
      int i = m * FEW_TAPS;
      s0 = FloatVector.fromArray(FLOATS, x, (starts[i] & OFFSET) + c).fma(factor, s0);
      s1 = FloatVector.fromArray(FLOATS, x, (starts[i + 1] & OFFSET) + c).fma(factor, s1);
      s2 = FloatVector.fromArray(FLOATS, x, (starts[i + 2] & OFFSET) + c).fma(factor, s2);
    }
    FloatVector.fromArray(FLOATS, g, gAt).add(s0).intoArray(g, gAt);
    FloatVector.fromArray(FLOATS, g, gAt + gPitch).add(s1).intoArray(g, gAt + gPitch);
    FloatVector.fromArray(FLOATS, g, gAt + 2 * gPitch).add(s2).intoArray(g, gAt + 2 * gPitch);
  }

  private static void nineTaps(
      int[] starts,
      int rows,
      float[] x,
      int c,
      float[] d,
      int dAt,
      int dPitch,
      float[] g,
      int gAt,
      int gPitch) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    FloatVector s8 = s0;
    int end = rows & LENGTH;
    int dFrom = dAt & OFFSET;
    for (int m = 0; m < end; m++) {
      FloatVector factor = FloatVector.fromArray(FLOATS, d, dFrom + m * dPitch);
      int i = m * MANY_TAPS;
      s0 = FloatVector.fromArray(FLOATS, x, (starts[i] & OFFSET) + c).fma(factor, s0);
      s1 = FloatVector.fromArray(FLOATS, x, (starts[i + 1] & OFFSET) + c).fma(factor, s1);
      s2 = FloatVector.fromArray(FLOATS, x, (starts[i + 2] & OFFSET) + c).fma(factor, s2);
      s3 = FloatVector.fromArray(FLOATS, x, (starts[i + 3] & OFFSET) + c).fma(factor, s3);
      s4 = FloatVector.fromArray(FLOATS, x, (starts[i + 4] & OFFSET) + c).fma(factor, s4);
      s5 = FloatVector.fromArray(FLOATS, x, (starts[i + 5] & OFFSET) + c).fma(factor, s5);
      s6 = FloatVector.fromArray(FLOATS, x, (starts[i + 6] & OFFSET) + c).fma(factor, s6);
      s7 = FloatVector.fromArray(FLOATS, x, (starts[i + 7] & OFFSET) + c).fma(factor, s7);
      s8 = FloatVector.fromArray(FLOATS, x, (starts[i + 8] & OFFSET) + c).fma(factor, s8);
    }
    FloatVector.fromArray(FLOATS, g, gAt).add(s0).intoArray(g, gAt);
    FloatVector.fromArray(FLOATS, g, gAt + gPitch).add(s1).intoArray(g, gAt + gPitch);
    FloatVector.fromArray(FLOATS, g, gAt + 2 * gPitch).add(s2).intoArray(g, gAt + 2 * gPitch);
    FloatVector.fromArray(FLOATS, g, gAt + 3 * gPitch).add(s3).intoArray(g, gAt + 3 * gPitch);
    FloatVector.fromArray(FLOATS, g, gAt + 4 * gPitch).add(s4).intoArray(g, gAt + 4 * gPitch);
    FloatVector.fromArray(FLOATS, g, gAt + 5 * gPitch).add(s5).intoArray(g, gAt + 5 * gPitch);
    FloatVector.fromArray(FLOATS, g, gAt + 6 * gPitch).add(s6).intoArray(g, gAt + 6 * gPitch);
    FloatVector.fromArray(FLOATS, g, gAt + 7 * gPitch).add(s7).intoArray(g, gAt + 7 * gPitch);
    FloatVector.fromArray(FLOATS, g, gAt + 8 * gPitch).add(s8).intoArray(g, gAt + 8 * gPitch);
  }
}
