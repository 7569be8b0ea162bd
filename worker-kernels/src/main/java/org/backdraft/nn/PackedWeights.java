package org.backdraft.nn;

import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.PanelLayout;

/**
 * How a weight tensor in logical order becomes the right operand of a matrix product, and how tiles
 * of its gradient come back: row r = (tap, k) and column n of the matrix are element {@code
 * rowOffsets[r] + n · columnStride} of the tensor.
 *
 * @param rowOffsets one per row of all taps; not written after construction
 */
record PackedWeights(PanelLayout layout, int[] rowOffsets, int columnStride) {

  /** Copies panels {@code [panelBegin, panelEnd)}; padding lanes are left alone. */
  void pack(
      float[] weights, int begin, float[] packed, int packedBase, int panelBegin, int panelEnd) {
    for (int panel = panelBegin; panel < panelEnd; panel++) {
      int lanes = lanes(panel);
      int first = begin + panel * Kernels.LANES * columnStride;
      int to = packedBase + panel * layout.panelSize();
      for (int offset : rowOffsets) {
        int from = first + offset;
        if (columnStride == 1) {
          System.arraycopy(weights, from, packed, to, lanes);
          to += Kernels.LANES;
          continue;
        }
        for (int lane = 0; lane < lanes; lane++) {
          packed[to + lane] = weights[from + lane * columnStride];
        }
        to += Kernels.LANES;
      }
    }
  }

  /**
   * Writes a tile of gradients, element {@code (k − kBegin, lane)} at {@code tileBase + (k −
   * kBegin) · 16 + lane}, to their logical places.
   */
  void unpack(
      float[] tile,
      int tileBase,
      int tap,
      int kBegin,
      int kEnd,
      int panel,
      float[] gradients,
      int begin) {
    int lanes = lanes(panel);
    int row = tap * layout.depth();
    for (int lane = 0; lane < lanes; lane++) {
      int to = begin + (panel * Kernels.LANES + lane) * columnStride;
      for (int k = kBegin; k < kEnd; k++) {
        gradients[to + rowOffsets[row + k]] = tile[tileBase + (k - kBegin) * Kernels.LANES + lane];
      }
    }
  }

  private int lanes(int panel) {
    return Math.min(Kernels.LANES, layout.columns() - panel * Kernels.LANES);
  }
}
