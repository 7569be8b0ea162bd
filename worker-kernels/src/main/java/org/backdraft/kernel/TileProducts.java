package org.backdraft.kernel;

import java.util.Arrays;
import org.backdraft.kernel.tile.TileSet;

/**
 * Cuts products into blocks that stay in the caches while register tiles pass over them.
 *
 * <p>A block of rows meets all panels before the next one comes; within it the chain of every
 * element is cut into stretches of at most {@link #MOST_DEPTH} terms, each of which takes up the
 * sums where the last one left them. Two panels of a stretch fit L1, a block's rows L2.
 */
final class TileProducts {
  private static final int MOST_DEPTH = 256;

  /**
   * Shorter runs cost more to start than to compute: there a flat loop over all terms is faster.
   */
  private static final int LEAST_RUN = 16;

  /** Multiples of the rows of all tiles. */
  private static final int BLOCK_ROWS = 120;

  private static final int TALL_BLOCK_ROWS = 240;

  /** Right operands that do not fit L2 should pass by less often. */
  private static final int LARGE_PANELS = 1 << 18;

  /** What tiles can address; see the masks of the register tiles. */
  private static final int MOST_FLOATS = 1 << 30;

  /** A block of rows that meets fewer panels is sooner multiplied than packed. */
  private static final int LEAST_PACKED_PANELS = 16;

  private final ThreadLocal<float[]> packedRows =
      ThreadLocal.withInitial(() -> new float[TALL_BLOCK_ROWS * MOST_DEPTH]);

  /** What chains start from where there is no bias: as many zeros as two panels have columns. */
  private final float[] zeros = new float[2 * Kernels.LANES];

  /** See {@link MatrixKernels#multiply}. */
  void multiply(
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
    checkLength(a);
    checkLength(b);
    if (pattern.taps() * pattern.depth() == 0) {
      // Tiles always turn at least once: C2 boxes sums that may pass their loop by.
      copyStarts(pattern, rowBegin, rowEnd, panelBegin, panelEnd, bias, biasBase, c, cBase);
      return;
    }
    boolean byTerms = pattern.terms() != null && pattern.depth() < LEAST_RUN;
    int height =
        (panelEnd - panelBegin) * layout.panelSize() > LARGE_PANELS ? TALL_BLOCK_ROWS : BLOCK_ROWS;
    for (int row = rowBegin; row < rowEnd; row += height) {
      int blockEnd = Math.min(rowEnd, row + height);
      if (byTerms) {
        addTerms(
            pattern,
            row,
            blockEnd,
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
      } else {
        addRuns(
            pattern,
            row,
            blockEnd,
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
    }
  }

  private static void copyStarts(
      RowPattern pattern,
      int rowBegin,
      int rowEnd,
      int panelBegin,
      int panelEnd,
      float[] bias,
      int biasBase,
      float[] c,
      int cBase) {
    int first = panelBegin * Kernels.LANES;
    int length = (panelEnd - panelBegin) * Kernels.LANES;
    for (int m = rowBegin; m < rowEnd; m++) {
      int to = cBase + pattern.targets()[m] + first;
      if (bias == null) {
        Arrays.fill(c, to, to + length, 0f);
      } else {
        System.arraycopy(bias, biasBase + first, c, to, length);
      }
    }
  }

  static void checkLength(float[] array) {
    if (array.length > MOST_FLOATS) {
      throw new IllegalArgumentException(
          "SIMD kernels address arrays of at most 2^30 numbers: got "
              + array.length
              + ". Use a smaller local batch.");
    }
  }

  private void addTerms(
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
    TileSet tiles = TileSet.of(SimdSpecies.BITS);
    int panels;
    for (int panel = panelBegin; panel < panelEnd; panel += panels) {
      panels = tiles.termPanels(panelEnd - panel);
      int column = panel * Kernels.LANES;
      tiles.term(
          panels,
          pattern.offsets(),
          rowBegin,
          rowEnd,
          a,
          aBase,
          pattern.terms(),
          b,
          bBase + panel * layout.panelSize(),
          layout.panelSize(),
          bias == null ? zeros : bias,
          bias == null ? 0 : biasBase + column,
          c,
          cBase + column,
          pattern.targets());
    }
  }

  private void addRuns(
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
    TileSet tiles = TileSet.of(SimdSpecies.BITS);
    int depth = pattern.depth();
    int stretches = Math.max(1, (depth + MOST_DEPTH - 1) / MOST_DEPTH);
    // Even, so that no stretch but the last has a term left over by an unrolled loop.
    int stretch = ((depth + stretches - 1) / stretches + 1) & -2;
    boolean packs = tiles.packsRows() && panelEnd - panelBegin >= LEAST_PACKED_PANELS;
    float[] packed = packs ? packedRows.get() : null;
    for (int tap = 0; tap < pattern.taps(); tap++) {
      for (int s = 0; s < stretches; s++) {
        int k = s * stretch;
        boolean first = tap == 0 && s == 0;
        int length = Math.min(stretch, depth - k);
        int rest = rowBegin;
        if (packs) {
          rest =
              tiles.pack(
                  pattern.offsets(),
                  tap * pattern.rows(),
                  rowBegin,
                  rowEnd,
                  a,
                  aBase,
                  k,
                  length,
                  packed);
        }
        int panels;
        for (int panel = panelBegin; panel < panelEnd; panel += panels) {
          panels = packs ? 1 : tiles.runPanels(panelEnd - panel);
          int column = panel * Kernels.LANES;
          int bAt = bBase + panel * layout.panelSize() + (tap * depth + k) * Kernels.LANES;
          float[] start = first ? bias == null ? zeros : bias : c;
          int startAt = first ? bias == null ? 0 : biasBase + column : cBase + column;
          int startMask = first ? 0 : -1;
          if (packs) {
            tiles.runPacked(
                packed,
                rowBegin,
                rest,
                length,
                b,
                bAt,
                layout.panelSize(),
                start,
                startAt,
                startMask,
                c,
                cBase + column,
                pattern.targets());
          }
          tiles.run(
              panels,
              pattern.offsets(),
              tap * pattern.rows(),
              rest,
              rowEnd,
              a,
              aBase,
              k,
              length,
              b,
              bAt,
              layout.panelSize(),
              start,
              startAt,
              startMask,
              c,
              cBase + column,
              pattern.targets());
        }
      }
    }
  }
}
