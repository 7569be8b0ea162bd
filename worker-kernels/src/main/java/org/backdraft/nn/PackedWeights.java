package org.backdraft.nn;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.PanelLayout;
import org.backdraft.tensor.ParameterTable;

/**
 * How a weight tensor in logical order becomes the right operand of a matrix product, and how tiles
 * of its gradient come back: row r = (tap, k) and column n of the matrix are element {@code
 * rowOffsets[r] + n · columnStride} of the tensor.
 */
final class PackedWeights {
  /** Rows that are moved column by column, so that both sides stay in L1. */
  private static final int BLOCK_ROWS = 128;

  private final PanelLayout layout;
  private final int[] rowOffsets;
  private final int columnStride;
  private final MatrixKernels kernels;

  /** Whether columns are neighbours and rows lie at one distance from each other. */
  private final boolean isMatrix;

  /** Whether rows are neighbours: the matrix lies transposed in the tensor. */
  private final boolean isTransposed;

  /** Offsets of all rows in the tensor, ascending, so that it is read as it lies. */
  private final int[] sources;

  /** Where these rows begin in a panel. */
  private final int[] targets;

  /**
   * @param rowOffsets one per row of all taps; not written after construction
   */
  PackedWeights(MatrixKernels kernels, PanelLayout layout, int[] rowOffsets, int columnStride) {
    this.kernels = kernels;
    this.layout = layout;
    this.rowOffsets = rowOffsets;
    this.columnStride = columnStride;
    boolean uniform = true;
    for (int r = 0; r < rowOffsets.length; r++) {
      uniform &= rowOffsets[r] == rowOffsets[0] + r * rowPitch();
    }
    isMatrix = columnStride == 1 && uniform && rowOffsets.length > 0;
    isTransposed = uniform && rowPitch() == 1;
    int[] order =
        IntStream.range(0, rowOffsets.length)
            .boxed()
            .sorted(Comparator.comparingInt(r -> rowOffsets[r]))
            .mapToInt(r -> r)
            .toArray();
    sources = IntStream.of(order).map(r -> rowOffsets[r]).toArray();
    targets = IntStream.of(order).map(r -> r * Kernels.LANES).toArray();
  }

  PanelLayout layout() {
    return layout;
  }

  /** Copies the share of one thread, all of whose threads copy all panels. */
  void packShare(Pass pass, ParameterTable.Entry weight, int packedBase, int thread, int threads) {
    packShare(pass, weight, 1, packedBase, thread, threads);
  }

  /**
   * Likewise for {@code groups} matrices of this form, which equal parts of the tensor hold; packed
   * they lie behind each other.
   */
  void packShare(
      Pass pass, ParameterTable.Entry weight, int groups, int packedBase, int thread, int threads) {
    int panels = layout.panels();
    int end = Share.end(groups * panels, thread, threads);
    for (int i = Share.begin(groups * panels, thread, threads); i < end; ) {
      int group = i / panels;
      int panel = i % panels;
      int panelEnd = Math.min(panels, panel + end - i);
      pack(
          pass.parameters(),
          weight.begin() + group * (weight.length() / groups),
          pass.workspace(),
          packedBase + i * layout.panelSize(),
          panel,
          panelEnd);
      i += panelEnd - panel;
    }
  }

  /**
   * Copies panels {@code [panelBegin, panelEnd)}; padding lanes are left alone.
   *
   * @param packedBase where the first of them goes
   */
  void pack(
      float[] weights, int begin, float[] packed, int packedBase, int panelBegin, int panelEnd) {
    for (int panel = panelBegin; panel < panelEnd; panel++) {
      int lanes = lanes(panel);
      int first = begin + panel * Kernels.LANES * columnStride;
      int to = packedBase + (panel - panelBegin) * layout.panelSize();
      if (isMatrix) {
        copyRows(weights, first, packed, to, lanes);
        continue;
      }
      for (int block = 0; block < sources.length; block += BLOCK_ROWS) {
        int end = Math.min(sources.length, block + BLOCK_ROWS);
        int lane = 0;
        for (; lane + 4 <= lanes; lane += 4) {
          if (isTransposed) {
            copyFourRuns(weights, first + lane * columnStride, packed, to + lane, block, end);
          } else {
            copyFourColumns(weights, first + lane * columnStride, packed, to + lane, block, end);
          }
        }
        for (; lane < lanes; lane++) {
          copyColumn(weights, first + lane * columnStride, packed, to + lane, block, end);
        }
      }
    }
  }

  private void copyRows(float[] weights, int first, float[] packed, int to, int lanes) {
    kernels.copyRows(
        weights,
        first + rowOffsets[0],
        rowPitch(),
        packed,
        to,
        Kernels.LANES,
        rowOffsets.length,
        lanes);
  }

  private int rowPitch() {
    return rowOffsets.length > 1 ? rowOffsets[1] - rowOffsets[0] : 0;
  }

  private void copyFourColumns(
      float[] weights, int from, float[] packed, int to, int begin, int end) {
    int from1 = from + columnStride;
    int from2 = from1 + columnStride;
    int from3 = from2 + columnStride;
    for (int i = begin; i < end; i++) {
      int source = sources[i];
      int target = to + targets[i];
      packed[target] = weights[from + source];
      packed[target + 1] = weights[from1 + source];
      packed[target + 2] = weights[from2 + source];
      packed[target + 3] = weights[from3 + source];
    }
  }

  /** As {@link #copyFourColumns}, where it needs no table of places. */
  private void copyFourRuns(float[] weights, int from, float[] packed, int to, int begin, int end) {
    int from0 = from + rowOffsets[0];
    int from1 = from0 + columnStride;
    int from2 = from1 + columnStride;
    int from3 = from2 + columnStride;
    for (int r = begin; r < end; r++) {
      packed[to + r * Kernels.LANES] = weights[from0 + r];
      packed[to + r * Kernels.LANES + 1] = weights[from1 + r];
      packed[to + r * Kernels.LANES + 2] = weights[from2 + r];
      packed[to + r * Kernels.LANES + 3] = weights[from3 + r];
    }
  }

  private void copyColumn(float[] weights, int from, float[] packed, int to, int begin, int end) {
    for (int i = begin; i < end; i++) {
      packed[to + targets[i]] = weights[from + sources[i]];
    }
  }

  /**
   * Writes a tile of gradients, element {@code (r − rowBegin, lane)} at {@code tileBase + (r −
   * rowBegin) · 16 + lane}, to their logical places.
   *
   * @param rowBegin the first row of all taps
   */
  void unpack(
      float[] tile,
      int tileBase,
      int rowBegin,
      int rowEnd,
      int panel,
      float[] gradients,
      int begin) {
    int lanes = lanes(panel);
    int first = begin + panel * Kernels.LANES * columnStride;
    if (isMatrix) {
      kernels.copyRows(
          tile,
          tileBase,
          Kernels.LANES,
          gradients,
          first + rowOffsets[rowBegin],
          rowPitch(),
          rowEnd - rowBegin,
          lanes);
      return;
    }
    for (int block = rowBegin; block < rowEnd; block += BLOCK_ROWS) {
      int end = Math.min(rowEnd, block + BLOCK_ROWS);
      for (int lane = 0; lane < lanes; lane++) {
        int to = first + lane * columnStride;
        for (int r = block; r < end; r++) {
          gradients[to + rowOffsets[r]] = tile[tileBase + (r - rowBegin) * Kernels.LANES + lane];
        }
      }
    }
  }

  private int lanes(int panel) {
    return Math.min(Kernels.LANES, layout.columns() - panel * Kernels.LANES);
  }
}
