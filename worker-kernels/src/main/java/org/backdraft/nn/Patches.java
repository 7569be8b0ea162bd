package org.backdraft.nn;

import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.RowPattern;
import org.backdraft.tensor.ActivationLayout;

/**
 * Copies of what a window sees, one row without gaps for each pixel ("im2row"), a block of {@link
 * Kernels#BLOCK_ROWS} pixels at a time.
 */
final class Patches {
  private final MatrixKernels kernels;
  private final int rows;
  private final int taps;
  private final int depth;
  private final int pitch;

  /** Where each run of each row lies, row by row, and where it goes in its block. */
  private final int[] sources;

  private final int[] targets;

  /**
   * @param pattern what to copy: without zeros, in runs of at most {@link Kernels#LANES}
   * @param more floats that are wanted behind each row
   */
  Patches(MatrixKernels kernels, RowPattern pattern, int more) {
    this.kernels = kernels;
    rows = pattern.rows();
    taps = pattern.taps();
    depth = pattern.depth();
    pitch = ActivationLayout.roundUpToLanes(terms() + more);
    sources = new int[rows * taps];
    targets = new int[sources.length];
    for (int i = 0; i < sources.length; i++) {
      int row = i / taps;
      int tap = i % taps;
      sources[i] = pattern.offsets()[tap * rows + row];
      targets[i] = row % Kernels.BLOCK_ROWS * pitch + tap * depth;
    }
  }

  /** Floats of a block, and those that copying may overwrite behind it. */
  int floats() {
    return Kernels.BLOCK_ROWS * pitch + Kernels.LANES;
  }

  /** Floats from one row to the next. */
  int pitch() {
    return pitch;
  }

  /** Floats that are copied of each row; what lies behind them may be anything. */
  int terms() {
    return taps * depth;
  }

  /** One past the last row of the block that begins with a row. */
  int blockEnd(int row) {
    return Math.min(rows, row + Kernels.BLOCK_ROWS);
  }

  /** Copies rows of one block. */
  void copy(int rowBegin, int rowEnd, float[] from, int fromBase, float[] to, int toBase) {
    kernels.copyRuns(
        sources, targets, rowBegin * taps, rowEnd * taps, depth, from, fromBase, to, toBase);
  }
}
