package org.backdraft.nn;

import java.util.Arrays;
import java.util.List;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.RowPattern;
import org.backdraft.leaf.LeafRange;

/**
 * The sum over examples of a weight gradient, slab by slab: a slab is a range of rows of the weight
 * matrix and a band of its panels, small enough for a cache. For each slab, each leaf is summed in
 * a chain over blocks of {@link Kernels#BLOCK_ROWS} rows, and leaves are added over the tree as
 * they come, so that memory holds one gradient per subtree and a few slabs per thread, never a
 * gradient per leaf.
 *
 * <p>The size of slabs depends on the number of threads; it decides no bit, since every element of
 * a slab is a chain of its own.
 */
final class WeightGradient {
  /** A slab of sums over pixels stays in L2 while an image passes by. */
  private static final int MOST_SLAB_FLOATS = 1 << 17;

  /** A slab of sums over a few examples stays in L1 from leaf to leaf. */
  private static final int SMALL_SLAB_FLOATS = 1 << 11;

  private static final int FEW_PANELS = 2;

  /** Slabs begin at multiples of this many rows of the weight matrix. */
  private static final int GRAIN = 8;

  private final MatrixKernels kernels;
  private final int threads;
  private final RowSource source;
  private final RowPattern pattern;

  /** Terms of a tap that belong to the weights; the pattern may have more, which are dropped. */
  private final int depth;

  private final PackedWeights packed;
  private final int groups;

  /** Logical weights of a group. */
  private final int groupFloats;

  private final Slot vectors;
  private final int sumBegin;
  private final int rows;
  private final int panels;
  private final int bandPanels;
  private final int grains;
  private final int slabRows;
  private final int stackBase;
  private final int stackFloats;

  /**
   * @param pattern of the values that are multiplied one by one: the layer's input, or the output's
   *     gradient
   * @param isPadded whether {@value #GRAIN} elements can be read from every multiple of that many
   *     in a row of the pattern, even if fewer belong to it
   * @param vectors the other factor, read a vector at a time
   * @param packed where the product's rows and columns belong
   * @param sumBegin where the weight starts in the sums
   */
  WeightGradient(
      OperationContext context,
      RowSource source,
      RowPattern pattern,
      boolean isPadded,
      Slot vectors,
      PackedWeights packed,
      int sumBegin) {
    this(context, source, pattern, isPadded, vectors, packed, 1, sumBegin);
  }

  /**
   * Likewise for several groups of channels, each of which has a matrix of its own.
   *
   * @param pattern of the first group's values; those of the next lie {@code depth} further
   * @param packed of one group
   * @param groups that share the channels of {@code vectors}
   */
  WeightGradient(
      OperationContext context,
      RowSource source,
      RowPattern pattern,
      boolean isPadded,
      Slot vectors,
      PackedWeights packed,
      int groups,
      int sumBegin) {
    this.groups = groups;
    this.kernels = context.kernels().matrix();
    this.threads = context.threads();
    this.source = source;
    this.pattern = isPadded ? withWholeGrains(pattern) : pattern;
    depth = pattern.depth();
    groupFloats = pattern.taps() * depth * packed.layout().columns();
    this.packed = packed;
    this.vectors = vectors;
    this.sumBegin = sumBegin;
    rows = this.pattern.taps() * this.pattern.depth();
    panels = packed.layout().panels();
    grains = (rows + GRAIN - 1) / GRAIN;
    boolean few = source == RowSource.EXAMPLES;
    int mostFloats = few ? SMALL_SLAB_FLOATS : MOST_SLAB_FLOATS;
    bandPanels = few ? Math.min(FEW_PANELS, panels) : panelsAtOnce(mostFloats);
    slabRows = Math.min(grains * GRAIN, mostFloats / (bandPanels * Kernels.LANES));
    stackFloats = LeafStack.tiles(context.subtrees()) * slabRows * bandPanels * Kernels.LANES;
    stackBase = context.workspace((long) threads * stackFloats);
  }

  /**
   * As many panels as fit into a slab of all rows, so that images pass by once, but no more than
   * leave work for every thread; an even number, since tiles take two.
   */
  private int panelsAtOnce(int mostFloats) {
    int fitting = mostFloats / (grains * GRAIN * Kernels.LANES) & -2;
    int share = (panels + threads - 1) / threads + 1 & -2;
    return Math.min(panels, Math.max(FEW_PANELS, Math.min(share, fitting)));
  }

  /**
   * The same rows with a depth that tiles divide: a tile of eight terms is faster than one of four
   * and one of a single term.
   */
  private static RowPattern withWholeGrains(RowPattern pattern) {
    int depth = (pattern.depth() + GRAIN - 1) / GRAIN * GRAIN;
    return new RowPattern(pattern.taps(), depth, pattern.offsets(), pattern.targets());
  }

  /**
   * Does the share of {@code thread}.
   *
   * @param a what the pattern is about, example e at {@code aBase + e · aSize}
   */
  void run(Pass pass, int thread, float[] a, int aBase, int aSize) {
    int bands = (panels + bandPanels - 1) / bandPanels;
    int end = Share.end(groups * bands * grains, thread, threads);
    int grain = Share.begin(groups * bands * grains, thread, threads);
    while (grain < end) {
      int band = grain / grains;
      int first = grain % grains;
      int last = Math.min(Math.min(grains, first + slabRows / GRAIN), first + end - grain);
      int group = band / bands;
      int panel = band % bands * bandPanels;
      runSlab(
          pass,
          thread,
          group,
          a,
          aBase + group * depth,
          aSize,
          first * GRAIN,
          Math.min(rows, last * GRAIN),
          panel,
          Math.min(panels, panel + bandPanels));
      grain += last - first;
    }
  }

  private void runSlab(
      Pass pass,
      int thread,
      int group,
      float[] a,
      int aBase,
      int aSize,
      int rowBegin,
      int rowEnd,
      int panelBegin,
      int panelEnd) {
    List<LeafRange> subtrees = pass.subtrees();
    float[] stack = pass.workspace();
    int base = stackBase + thread * stackFloats;
    int panelFloats = (rowEnd - rowBegin) * Kernels.LANES;
    int slabFloats = (panelEnd - panelBegin) * panelFloats;
    int column = group * packed.layout().columns();
    for (int s = 0; s < subtrees.size(); s++) {
      LeafRange subtree = subtrees.get(s);
      int depth = 0;
      for (int leaf = subtree.begin(); leaf < subtree.end(); leaf++) {
        int index = leaf - subtree.begin();
        int first = pass.leafBegin(leaf);
        int last = pass.leafBegin(leaf + 1);
        boolean joins = (index & 1) == 1 && isOneChain(first, last);
        if (!joins) {
          depth++;
        }
        int top = base + (depth - 1) * slabFloats;
        if (!joins && first == last) {
          Arrays.fill(stack, top, top + slabFloats, 0);
        }
        if (source == RowSource.EXAMPLES) {
          int pitch = vectors.layout().size();
          int at = vectors.offset();
          addRows(
              pass,
              first,
              last,
              at,
              pitch,
              a,
              aBase,
              rowBegin,
              rowEnd,
              panelBegin,
              panelEnd,
              top,
              !joins);
        } else {
          int pitch = vectors.layout().pitch();
          for (int e = first; e < last; e++) {
            addRows(
                pass,
                0,
                pattern.rows(),
                vectors.base(e) + column,
                pitch,
                a,
                aBase + e * aSize,
                rowBegin,
                rowEnd,
                panelBegin,
                panelEnd,
                top,
                e == first);
          }
        }
        depth = LeafStack.fold(kernels, stack, base, slabFloats, depth, joins ? index >> 1 : index);
      }
      int begin = sumBegin + group * groupFloats;
      for (int panel = panelBegin; panel < panelEnd; panel++) {
        int tile = base + (panel - panelBegin) * panelFloats;
        unpack(stack, tile, rowBegin, rowEnd, panel, pass.sums(s), begin);
      }
    }
  }

  /**
   * Whether a leaf's sum is added up in registers and reaches memory once: it may then be added to
   * its left neighbour's at once, which spares a tile of its own and the addition of both, and
   * gives the same bits.
   */
  private boolean isOneChain(int first, int last) {
    return source == RowSource.EXAMPLES && last - first <= Kernels.BLOCK_ROWS;
  }

  private void unpack(
      float[] stack, int tile, int rowBegin, int rowEnd, int panel, float[] sums, int sumBegin) {
    int wide = pattern.depth();
    if (wide == depth) {
      packed.unpack(stack, tile, rowBegin, rowEnd, panel, sums, sumBegin);
      return;
    }
    for (int row = rowBegin; row < rowEnd; ) {
      int tap = row / wide;
      int k = row % wide;
      int next = Math.min(rowEnd, (tap + 1) * wide);
      if (k < depth) {
        int begin = tap * depth + k;
        int end = begin + Math.min(depth - k, next - row);
        int at = tile + (row - rowBegin) * Kernels.LANES;
        packed.unpack(stack, at, begin, end, panel, sums, sumBegin);
      }
      row = next;
    }
  }

  private void addRows(
      Pass pass,
      int first,
      int last,
      int vectorsBase,
      int pitch,
      float[] a,
      int aBase,
      int rowBegin,
      int rowEnd,
      int panelBegin,
      int panelEnd,
      int top,
      boolean isFirst) {
    for (int block = first; block < last; block += Kernels.BLOCK_ROWS) {
      kernels.accumulateOuter(
          pattern,
          block,
          Math.min(block + Kernels.BLOCK_ROWS, last),
          rowBegin,
          rowEnd,
          a,
          aBase,
          pass.array(vectors),
          vectorsBase,
          pitch,
          panelBegin,
          panelEnd,
          pass.workspace(),
          top,
          (rowEnd - rowBegin) * Kernels.LANES,
          isFirst && block == first);
    }
  }
}
