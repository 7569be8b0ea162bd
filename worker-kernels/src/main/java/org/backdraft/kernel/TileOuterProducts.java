package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.WIDTH;

import org.backdraft.kernel.tile.OuterTile;
import org.backdraft.kernel.tile.TileSet;

/**
 * Sums outer products tile by tile. One or two panels of the right operand are copied into a row of
 * their own first, and the addresses of the left operand's rows worked out once for all tiles of a
 * tap: what a tile then does besides its products is one addition a row.
 */
final class TileOuterProducts {
  private final float[] zeros = new float[OuterTile.ZEROS];
  private final ThreadLocal<OuterScratch> scratches = ThreadLocal.withInitial(OuterScratch::new);

  /** A thread's copy of panels and its addresses of rows. */
  private static final class OuterScratch {
    final float[] panels = new float[2 * Kernels.LANES * Kernels.BLOCK_ROWS];
    final int[] starts = new int[Kernels.BLOCK_ROWS];
  }

  /** See {@link MatrixKernels#accumulateOuter}. */
  void accumulate(
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
    TileProducts.checkLength(a);
    if (rowEnd <= rowBegin) {
      return;
    }
    float[] start = isFirst ? zeros : g;
    int startMask = isFirst ? 0 : -1;
    TileSet tiles = TileSet.of(SimdSpecies.BITS);
    OuterScratch scratch = scratches.get();
    int rows = rowEnd - rowBegin;
    int depth = pattern.depth();
    int panels;
    for (int panel = panelBegin; panel < panelEnd; panel += panels) {
      panels = tiles.outerPanels(panelEnd - panel);
      int width = panels * Kernels.LANES;
      int dAt = dBase + rowBegin * dPitch + panel * Kernels.LANES;
      for (int i = 0; i < width; i += WIDTH) {
        SimdMatrixKernels.copyVectors(d, dAt + i, dPitch, scratch.panels, i, width, rows);
      }
      int gPanel = gBase + (panel - panelBegin) * gStride;
      for (int term = termBegin; term < termEnd; ) {
        int tap = term / depth;
        int k = term % depth;
        int count = Math.min(depth - k, termEnd - term);
        // Where all taps have the same rows, only at a distance, addresses are worked out once.
        int from = pattern.terms() == null ? k : pattern.terms()[term];
        if (pattern.terms() == null) {
          resolve(pattern, tap, rowBegin, rows, aBase, scratch.starts);
        } else if (term == termBegin) {
          resolve(pattern, 0, rowBegin, rows, aBase, scratch.starts);
        }
        int gAt = gPanel + (term - termBegin) * Kernels.LANES;
        tiles.outer(
            panels,
            scratch.starts,
            rows,
            from,
            from + count,
            a,
            scratch.panels,
            start,
            startMask,
            g,
            gAt,
            gStride);
        term += count;
      }
    }
  }

  private static void resolve(
      RowPattern pattern, int tap, int rowBegin, int rows, int aBase, int[] starts) {
    int[] offsets = pattern.offsets();
    int from = tap * pattern.rows() + rowBegin;
    for (int m = 0; m < rows; m++) {
      int offset = offsets[from + m];
      starts[m] = (aBase + offset) & ~(offset >> 31);
    }
  }
}
