package org.backdraft.nn;

import java.util.Arrays;
import java.util.List;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.RowPattern;
import org.backdraft.leaf.LeafRange;

/**
 * The sum over examples of a weight gradient, tile by tile: a tile is a range of rows of one tap
 * and one panel, small enough for L1. For each tile, each leaf is summed in a chain over blocks of
 * {@link Kernels#BLOCK_ROWS} rows, and leaves are added over the tree as they come, so that memory
 * holds one gradient per subtree and a few tiles per thread, never a gradient per leaf.
 *
 * <p>The size of tiles depends on the number of threads; it decides no bit, since every element of
 * a tile is a chain of its own.
 */
final class WeightGradient {
  private static final int MOST_TILE_ROWS = 128;
  private static final int TILES_PER_THREAD = 4;

  private final MatrixKernels kernels;
  private final List<LeafRange> subtrees;
  private final int threads;
  private final RowSource source;
  private final RowPattern pattern;
  private final PackedWeights packed;
  private final Slot outputGradient;
  private final int sumBegin;
  private final int tileRows;
  private final int tilesPerTap;
  private final int tiles;
  private final int stackBase;
  private final int stackFloats;

  /**
   * @param pattern of the layer's input
   * @param packed the forward matrix
   * @param sumBegin where the weight starts in the sums
   */
  WeightGradient(
      OperationContext context,
      RowSource source,
      RowPattern pattern,
      PackedWeights packed,
      int sumBegin) {
    this.kernels = context.kernels().matrix();
    this.subtrees = context.subtrees();
    this.threads = context.threads();
    this.source = source;
    this.pattern = pattern;
    this.packed = packed;
    this.outputGradient = context.outputGradient();
    this.sumBegin = sumBegin;
    int depth = packed.layout().depth();
    int slices = packed.layout().panels() * packed.layout().taps();
    int wanted = Math.max(1, (threads * TILES_PER_THREAD + slices - 1) / slices);
    int rows = threads == 1 ? depth : (depth + wanted - 1) / wanted;
    tileRows = Math.min(MOST_TILE_ROWS, (rows + 7) / 8 * 8);
    tilesPerTap = (depth + tileRows - 1) / tileRows;
    tiles = slices * tilesPerTap;
    stackFloats = LeafStack.tiles(subtrees) * tileRows * Kernels.LANES;
    stackBase = context.workspace((long) threads * stackFloats);
  }

  /**
   * Does the share of {@code thread}.
   *
   * @param a the layer's input, example e at {@code aBase + e · aSize}
   */
  void run(Pass pass, int thread, float[] a, int aBase, int aSize) {
    int end = Share.end(tiles, thread, threads);
    for (int tile = Share.begin(tiles, thread, threads); tile < end; tile++) {
      int slice = tile / tilesPerTap;
      int panel = slice / packed.layout().taps();
      int tap = slice % packed.layout().taps();
      int kBegin = tile % tilesPerTap * tileRows;
      int kEnd = Math.min(kBegin + tileRows, packed.layout().depth());
      runTile(pass, thread, a, aBase, aSize, panel, tap, kBegin, kEnd);
    }
  }

  private void runTile(
      Pass pass,
      int thread,
      float[] a,
      int aBase,
      int aSize,
      int panel,
      int tap,
      int kBegin,
      int kEnd) {
    float[] stack = pass.workspace();
    int base = stackBase + thread * stackFloats;
    int tileLength = (kEnd - kBegin) * Kernels.LANES;
    for (int s = 0; s < subtrees.size(); s++) {
      LeafRange subtree = subtrees.get(s);
      int depth = 0;
      for (int leaf = subtree.begin(); leaf < subtree.end(); leaf++) {
        int top = base + depth * tileLength;
        Arrays.fill(stack, top, top + tileLength, 0);
        int first = pass.leafBegin(leaf);
        int last = pass.leafBegin(leaf + 1);
        if (source == RowSource.EXAMPLES) {
          addRows(pass, first, last, 0, a, aBase, panel, tap, kBegin, kEnd, top);
        } else {
          for (int e = first; e < last; e++) {
            int at = aBase + e * aSize;
            addRows(pass, 0, pattern.rows(), e, a, at, panel, tap, kBegin, kEnd, top);
          }
        }
        depth = LeafStack.fold(kernels, stack, base, tileLength, depth + 1, leaf - subtree.begin());
      }
      packed.unpack(stack, base, tap, kBegin, kEnd, panel, pass.sums(s), sumBegin);
    }
  }

  private void addRows(
      Pass pass,
      int rowBegin,
      int rowEnd,
      int example,
      float[] a,
      int aBase,
      int panel,
      int tap,
      int kBegin,
      int kEnd,
      int top) {
    int pitch =
        source == RowSource.EXAMPLES
            ? outputGradient.layout().size()
            : outputGradient.layout().pitch();
    float[] d = pass.array(outputGradient);
    int dBase = outputGradient.base(example);
    int gBase = top - kBegin * Kernels.LANES;
    for (int row = rowBegin; row < rowEnd; row += Kernels.BLOCK_ROWS) {
      int blockEnd = Math.min(row + Kernels.BLOCK_ROWS, rowEnd);
      kernels.accumulateOuter(
          pattern,
          tap,
          row,
          blockEnd,
          kBegin,
          kEnd,
          a,
          aBase,
          d,
          dBase,
          pitch,
          panel,
          pass.workspace(),
          gBase);
    }
  }
}
