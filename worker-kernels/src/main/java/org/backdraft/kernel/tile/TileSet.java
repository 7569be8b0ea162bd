package org.backdraft.kernel.tile;

import java.util.List;
import java.util.Locale;

/**
 * The register tiles that this JVM computes with: for each kind and width one main tile, chosen by
 * measurement, and others for chains of odd length and for the rows that are left over.
 *
 * <p>Threads: immutable; any thread may call on ranges that do not overlap.
 */
public final class TileSet {
  private final PackedTile packed;
  private final RunTile[] wideRuns;
  private final RunTile[] runs;
  private final TermTile[] wideTerms;
  private final TermTile[] terms;
  private final OuterTile[] wideOuters;
  private final OuterTile[] outers;
  private final String description;

  /**
   * @param packed null where packing rows is not worth it
   */
  TileSet(
      PackedTile packed,
      List<RunTile> wideRuns,
      List<RunTile> runs,
      List<TermTile> wideTerms,
      List<TermTile> terms,
      List<OuterTile> wideOuters,
      List<OuterTile> outers,
      double gflops,
      double peakGflops) {
    this.packed = packed;
    this.wideRuns = wideRuns.toArray(RunTile[]::new);
    this.runs = runs.toArray(RunTile[]::new);
    this.wideTerms = wideTerms.toArray(TermTile[]::new);
    this.terms = terms.toArray(TermTile[]::new);
    this.wideOuters = wideOuters.toArray(OuterTile[]::new);
    this.outers = outers.toArray(OuterTile[]::new);
    RunTile main = wideRuns.isEmpty() ? runs.get(0) : wideRuns.get(0);
    OuterTile outer = wideOuters.isEmpty() ? outers.get(0) : wideOuters.get(0);
    description =
        String.format(
            Locale.ROOT,
            "tiles %s%s and %s, %.0f %% of %.0f GFLOP/s a core",
            main,
            packed == null ? "" : ", packed " + packed,
            outer,
            100 * gflops / peakGflops,
            peakGflops);
  }

  /**
   * The tiles for vectors of {@code bits}, measured by the first call in this JVM (one or two
   * seconds, most of which C2 takes to compile them) and the same from then on.
   *
   * @param bits 512, 256 or 128
   */
  public static TileSet of(int bits) {
    return switch (bits) {
      case 512 -> Of512.SET;
      case 256 -> Of256.SET;
      case 128 -> Of128.SET;
      default ->
          throw new IllegalArgumentException(
              "There are tiles for vectors of 512, 256 and 128 bits: got " + bits + ".");
    };
  }

  private static final class Of512 {
    static final TileSet SET = new TileCalibration(512).choose();
  }

  private static final class Of256 {
    static final TileSet SET = new TileCalibration(256).choose();
  }

  private static final class Of128 {
    static final TileSet SET = new TileCalibration(128).choose();
  }

  /** What was chosen, and the main tile's share of the measured peak. */
  public String description() {
    return description;
  }

  /** Whether rows that meet several panels should be packed. */
  public boolean packsRows() {
    return packed != null;
  }

  /**
   * Packs rows, if {@link #packsRows}; arguments as in {@link PackedTile#pack}.
   *
   * @return the first row that is not packed, and which {@link #run} must multiply
   */
  public int pack(
      int[] offsets,
      int offsetsAt,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      int kBegin,
      int depth,
      float[] rows) {
    return packed.pack(offsets, offsetsAt, rowBegin, rowEnd, a, aBase, kBegin, depth, rows);
  }

  /** Products of packed rows with one panel; arguments as in {@link PackedTile#run}. */
  public void runPacked(
      float[] rows,
      int rowBegin,
      int rowEnd,
      int depth,
      float[] b,
      int bAt,
      int panelSize,
      float[] start,
      int startAt,
      int startMask,
      float[] c,
      int cAt,
      int[] targets) {
    packed.run(
        rows, rowBegin, rowEnd, depth, b, bAt, panelSize, start, startAt, startMask, c, cAt,
        targets);
  }

  /** How many of {@code available} panels the next call of {@link #run} should take: 1 or 2. */
  public int runPanels(int available) {
    return available >= 2 && wideRuns.length > 0 ? 2 : 1;
  }

  /** Likewise for {@link #term}. */
  public int termPanels(int available) {
    return available >= 2 && wideTerms.length > 0 ? 2 : 1;
  }

  /** Likewise for {@link #outer}. */
  public int outerPanels(int available) {
    return available >= 2 && wideOuters.length > 0 ? 2 : 1;
  }

  /**
   * {@code c[m][n] = s[m][n] + Σ_k a(m, k) · b(k, n)} for all rows of a range and one or two
   * panels; arguments as in {@link RunTile#run}.
   */
  public void run(
      int panels,
      int[] offsets,
      int offsetsAt,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      int kBegin,
      int depth,
      float[] b,
      int bAt,
      int panelSize,
      float[] start,
      int startAt,
      int startMask,
      float[] c,
      int cAt,
      int[] targets) {
    int row = rowBegin;
    for (RunTile tile : panels == 2 ? wideRuns : runs) {
      if (row < rowEnd && depth % tile.unroll() == 0) {
        row =
            tile.run(
                offsets, offsetsAt, row, rowEnd, a, aBase, kBegin, depth, b, bAt, panelSize, start,
                startAt, startMask, c, cAt, targets);
      }
    }
  }

  /**
   * {@code c[m][n] = s[n] + Σ_k a(m, terms[k]) · b(k, n)} for all rows of a range and one or two
   * panels; arguments as in {@link TermTile#run}.
   */
  public void term(
      int panels,
      int[] offsets,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      int[] termOffsets,
      float[] b,
      int bAt,
      int panelSize,
      float[] start,
      int startAt,
      float[] c,
      int cAt,
      int[] targets) {
    int row = rowBegin;
    for (TermTile tile : panels == 2 ? wideTerms : terms) {
      if (row < rowEnd) {
        row =
            tile.run(
                offsets,
                row,
                rowEnd,
                a,
                aBase,
                termOffsets,
                b,
                bAt,
                panelSize,
                start,
                startAt,
                c,
                cAt,
                targets);
      }
    }
  }

  /**
   * {@code g[k][n] += Σ_m a(m, k) · d[m][n]} for all k of a range and one or two panels; arguments
   * as in {@link OuterTile#run}.
   */
  public void outer(
      int panels,
      int[] starts,
      int rows,
      int kBegin,
      int kEnd,
      float[] a,
      float[] d,
      float[] start,
      int startMask,
      float[] g,
      int gAt,
      int gStride) {
    int k = kBegin;
    for (OuterTile tile : panels == 2 ? wideOuters : outers) {
      if (k < kEnd && rows % tile.unroll() == 0) {
        k =
            tile.run(
                starts, rows, k, kEnd, a, d, start, startMask, g, gAt + (k - kBegin) * 16, gStride);
      }
    }
  }
}
