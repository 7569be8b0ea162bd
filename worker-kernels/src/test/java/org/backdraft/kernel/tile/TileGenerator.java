package org.backdraft.kernel.tile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes the classes of register tiles: what C2 wants written out by hand, with accumulators in
 * named locals and one flat loop each.
 *
 * <p>Run {@code main} in the module's folder, then {@code spotless:apply}. {@code
 * TileGeneratorTest} fails when the checked-in classes are not what this program writes.
 */
final class TileGenerator {
  /** Where the classes lie, from the module's folder. */
  static final Path FOLDER = Path.of("src/main/java/org/backdraft/kernel/tile");

  /**
   * One class.
   *
   * @param bits of a vector
   * @param rows of the tile: rows of the left operand, or terms of a weight gradient
   * @param panels of 16 columns
   * @param unroll turns of the chain that are written out in one turn of the loop
   * @param open whether C2 must not see that the loop counts: then it neither unrolls it, nor loads
   *     everything before the first product
   */
  private record Tile(int bits, int rows, int panels, int unroll, boolean open) {
    static Tile counted(int bits, int rows, int panels, int unroll) {
      return new Tile(bits, rows, panels, unroll, false);
    }

    static Tile open(int bits, int rows, int panels) {
      return new Tile(bits, rows, panels, 1, true);
    }

    int width() {
      return bits / Float.SIZE;
    }

    int vectors() {
      return panels * 16 / width();
    }

    String name(String kind) {
      return kind
          + bits
          + ("R" + rows + "P" + panels)
          + (unroll == 1 ? "" : "U" + unroll)
          + (open ? "Open" : "");
    }

    /** Where vector {@code v} of a row of panels lies, the panels at distance {@code stride}. */
    String column(int v, String stride) {
      int panel = v * width() / 16;
      int lane = v * width() % 16;
      return (panel == 0 ? "" : " + " + (panel == 1 ? "" : panel + " * ") + stride)
          + (lane == 0 ? "" : " + " + lane);
    }

    /** Likewise for panels that follow each other without a gap. */
    String column(int v) {
      return v == 0 ? "" : " + " + v * width();
    }
  }

  private static final List<Tile> RUNS =
      List.of(
          Tile.counted(512, 12, 2, 2),
          Tile.counted(512, 10, 2, 2),
          Tile.counted(512, 8, 2, 1),
          Tile.counted(512, 8, 2, 2),
          Tile.open(512, 12, 2),
          Tile.open(512, 8, 2),
          Tile.counted(512, 4, 2, 1),
          Tile.counted(512, 2, 2, 1),
          Tile.counted(512, 1, 2, 1),
          Tile.counted(512, 12, 1, 2),
          Tile.counted(512, 8, 1, 1),
          Tile.open(512, 8, 1),
          Tile.counted(512, 4, 1, 1),
          Tile.counted(512, 2, 1, 1),
          Tile.counted(512, 1, 1, 1),
          Tile.open(256, 2, 2),
          Tile.open(256, 1, 2),
          Tile.open(256, 6, 1),
          Tile.open(256, 5, 1),
          Tile.open(256, 4, 1),
          Tile.counted(256, 4, 1, 2),
          Tile.open(256, 2, 1),
          Tile.open(256, 1, 1),
          Tile.open(128, 4, 1),
          Tile.open(128, 3, 1),
          Tile.open(128, 2, 1),
          Tile.open(128, 1, 1));

  /** All open: counted ones were slower on matrices that do not fit L1. */
  private static final List<Tile> PACKED =
      List.of(Tile.open(256, 6, 1), Tile.open(256, 5, 1), Tile.open(256, 4, 1));

  private static final List<Tile> TERMS =
      List.of(
          Tile.counted(512, 12, 2, 1),
          Tile.counted(512, 8, 2, 1),
          Tile.counted(512, 4, 2, 1),
          Tile.counted(512, 2, 2, 1),
          Tile.counted(512, 1, 2, 1),
          Tile.counted(512, 8, 1, 1),
          Tile.counted(512, 4, 1, 1),
          Tile.counted(512, 2, 1, 1),
          Tile.counted(512, 1, 1, 1),
          Tile.counted(256, 4, 1, 1),
          Tile.counted(256, 2, 1, 1),
          Tile.counted(256, 1, 1, 1),
          Tile.counted(128, 2, 1, 1),
          Tile.counted(128, 1, 1, 1));

  private static final List<Tile> OUTERS =
      List.of(
          Tile.counted(512, 12, 2, 1),
          Tile.open(512, 12, 2),
          Tile.counted(512, 8, 2, 2),
          Tile.counted(512, 8, 2, 1),
          Tile.open(512, 8, 2),
          Tile.counted(512, 4, 2, 1),
          Tile.counted(512, 2, 2, 1),
          Tile.counted(512, 1, 2, 1),
          Tile.counted(512, 16, 1, 1),
          Tile.counted(512, 8, 1, 2),
          Tile.counted(512, 8, 1, 1),
          Tile.counted(512, 4, 1, 1),
          Tile.counted(512, 2, 1, 1),
          Tile.counted(512, 1, 1, 1),
          Tile.open(256, 6, 1),
          Tile.open(256, 5, 1),
          Tile.open(256, 4, 1),
          Tile.counted(256, 4, 1, 2),
          Tile.open(256, 2, 1),
          Tile.open(256, 1, 1),
          Tile.open(128, 3, 1),
          Tile.open(128, 2, 1),
          Tile.counted(128, 2, 1, 2),
          Tile.open(128, 1, 1));

  private TileGenerator() {}

  public static void main(String[] arguments) throws IOException {
    for (Map.Entry<String, String> source : sources().entrySet()) {
      Files.writeString(FOLDER.resolve(source.getKey() + ".java"), source.getValue());
    }
  }

  /** Class names and their sources, not yet formatted. */
  static Map<String, String> sources() {
    Map<String, String> sources = new LinkedHashMap<>();
    RUNS.forEach(tile -> sources.put(tile.name("RunTile"), run(tile)));
    PACKED.forEach(tile -> sources.put(tile.name("PackedTile"), packed(tile)));
    TERMS.forEach(tile -> sources.put(tile.name("TermTile"), term(tile)));
    OUTERS.forEach(tile -> sources.put(tile.name("OuterTile"), outer(tile)));
    sources.put("TileCatalog", catalog());
    return sources;
  }

  private static String catalog() {
    return """
        package org.backdraft.kernel.tile;

        import java.util.List;

        /** All tiles, by the width of their vectors. Written by {@code TileGenerator}. */
        final class TileCatalog {
          private TileCatalog() {}

        %s
        %s
        %s
        %s
        }
        """
        .formatted(
            catalog("RunTile", "runs", RUNS),
            catalog("PackedTile", "packed", PACKED),
            catalog("TermTile", "terms", TERMS),
            catalog("OuterTile", "outers", OUTERS));
  }

  private static String catalog(String kind, String method, List<Tile> tiles) {
    StringBuilder s = new StringBuilder();
    s.append("static List<%s> %s(int bits) {\nreturn switch (bits) {\n".formatted(kind, method));
    for (int bits : new int[] {512, 256, 128}) {
      s.append("case %d -> List.of(".formatted(bits));
      s.append(
          tiles.stream()
              .filter(t -> t.bits == bits)
              .map(t -> "new " + t.name(kind) + "()")
              .collect(Collectors.joining(", ")));
      s.append(");\n");
    }
    return s.append("default -> List.of();\n};\n}\n").toString();
  }

  private static String head(Tile tile, String kind, String what) {
    return """
        package org.backdraft.kernel.tile;

        import jdk.incubator.vector.FloatVector;
        import jdk.incubator.vector.VectorSpecies;

        /** %s: %d x %d in %d-bit vectors. Written by {@code TileGenerator}. */
        final class %s extends %s {
          private static final VectorSpecies<Float> S = FloatVector.SPECIES_%d;

          %s() {
            super(%d, %d, %d, %d, %b);
          }
        """
        .formatted(
            what,
            tile.rows,
            16 * tile.panels,
            tile.bits,
            tile.name(kind),
            kind,
            tile.bits,
            tile.name(kind),
            tile.bits,
            tile.rows,
            tile.panels,
            tile.unroll,
            tile.open);
  }

  private static String run(Tile tile) {
    StringBuilder s = new StringBuilder(head(tile, "RunTile", "Products along one run"));
    s.append(
        """
          @Override
          int run(int[] offsets, int offsetsAt, int rowBegin, int rowEnd, float[] a, int aBase,
              int kBegin, int depth, float[] b, int bAt, int panelSize,
              float[] start, int startAt, int startMask, float[] c, int cAt, int[] targets) {
            int row = rowBegin;
            for (; row + %1$d <= rowEnd; row += %1$d) {
              tile(offsets, offsetsAt + row, a, aBase, kBegin, depth, b, bAt, panelSize,
                  start, startAt, startMask, c, cAt, targets, row);
            }
            return row;
          }

          private static void tile(int[] offsets, int at, float[] a, int aBase,
              int kBegin, int depth, float[] b, int bFirst, int stride,
              float[] start, int startAt, int startMask, float[] c, int cAt, int[] targets, int row) {
            int bAt = bFirst & INDEX;
            int panelSize = stride & INDEX;
        """
            .formatted(tile.rows));
    s.append("int length = depth & LENGTH;\n");
    rowStarts(s, tile, "+ kBegin");
    accumulatorsFromStart(s, tile);
    if (tile.open) {
      openRunLoop(s, tile);
    } else {
      s.append("for (int k = 0; k < length; k += ").append(tile.unroll).append(") {\n");
      for (int u = 0; u < tile.unroll; u++) {
        runTurn(s, tile, u);
      }
      s.append("}\n");
    }
    storeAccumulators(s, tile);
    return s.append("}\n}\n").toString();
  }

  /** Each row has an index of its own, which is checked, used and moved on. */
  private static void openRunLoop(StringBuilder s, Tile tile) {
    s.append("int step = step(depth);\nint bStep = 16 * step;\nint bEnd = bAt + 16 * length;\n");
    s.append("do {\n");
    for (int v = 0; v < tile.vectors(); v++) {
      s.append(
          "FloatVector w%d = FloatVector.fromArray(S, b, bAt%s);\n"
              .formatted(v, tile.column(v, "panelSize")));
    }
    for (int r = 0; r < tile.rows; r++) {
      s.append("FloatVector x%1$d = FloatVector.broadcast(S, a[row%1$d]);\n".formatted(r));
      for (int v = 0; v < tile.vectors(); v++) {
        s.append("c%1$d_%2$d = x%1$d.fma(w%2$d, c%1$d_%2$d);\n".formatted(r, v));
      }
    }
    s.append("bAt += bStep;\n");
    for (int r = 0; r < tile.rows; r++) {
      s.append("row%d += step;\n".formatted(r));
    }
    s.append("} while (bAt < bEnd);\n");
  }

  private static void runTurn(StringBuilder s, Tile tile, int u) {
    String suffix = tile.unroll == 1 ? "" : "_" + u;
    for (int v = 0; v < tile.vectors(); v++) {
      s.append(
          "FloatVector w%d%s = FloatVector.fromArray(S, b, bAt%s + k * 16%s);\n"
              .formatted(v, suffix, tile.column(v, "panelSize"), more(16 * u)));
    }
    for (int r = 0; r < tile.rows; r++) {
      s.append(
          "FloatVector x%d%s = FloatVector.broadcast(S, a[row%d + k%s]);\n"
              .formatted(r, suffix, r, more(u)));
      for (int v = 0; v < tile.vectors(); v++) {
        s.append("c%1$d_%2$d = x%1$d%3$s.fma(w%2$d%3$s, c%1$d_%2$d);\n".formatted(r, v, suffix));
      }
    }
  }

  private static String packed(Tile tile) {
    StringBuilder s = new StringBuilder(head(tile, "PackedTile", "Products of packed rows"));
    s.append(
        """
          @Override
          int pack(int[] offsets, int offsetsAt, int rowBegin, int rowEnd, float[] a, int aBase,
              int kBegin, int depth, float[] packed) {
            int row = rowBegin;
            for (; row + %1$d <= rowEnd; row += %1$d) {
              pack(offsets, offsetsAt + row, a, aBase, kBegin, depth, packed,
                  (row - rowBegin) * depth);
            }
            return row;
          }

          private static void pack(int[] offsets, int at, float[] a, int aBase, int kBegin,
              int depth, float[] packed, int packedAt) {
            int to = packedAt & INDEX;
            int length = depth & LENGTH;
        """
            .formatted(tile.rows));
    rowStarts(s, tile, "+ kBegin");
    s.append("for (int k = 0; k < length; k++) {\n");
    for (int r = 0; r < tile.rows; r++) {
      s.append("packed[to + k * %d%s] = a[row%d + k];\n".formatted(tile.rows, more(r), r));
    }
    s.append(
        """
          }
          }

          @Override
          void run(float[] packed, int rowBegin, int rowEnd, int depth, float[] b, int bAt,
              int panelSize, float[] start, int startAt, int startMask, float[] c, int cAt,
              int[] targets) {
            for (int row = rowBegin; row < rowEnd; row += %1$d) {
              tile(packed, (row - rowBegin) * depth, depth, b, bAt, panelSize,
                  start, startAt, startMask, c, cAt, targets, row);
            }
          }

          private static void tile(float[] packed, int packedAt, int depth, float[] b, int bFirst,
              int stride, float[] start, int startAt, int startMask, float[] c, int cAt,
              int[] targets, int row) {
            int at = packedAt & INDEX;
            int bAt = bFirst & INDEX;
            int panelSize = stride & INDEX;
            int length = depth & LENGTH;
        """
            .formatted(tile.rows));
    accumulatorsFromStart(s, tile);
    s.append("int step = step(depth);\nint aStep = %d * step;\n".formatted(tile.rows));
    s.append("int bStep = 16 * step;\nint bEnd = bAt + 16 * length;\ndo {\n");
    for (int v = 0; v < tile.vectors(); v++) {
      s.append(
          "FloatVector w%d = FloatVector.fromArray(S, b, bAt%s);\n"
              .formatted(v, tile.column(v, "panelSize")));
    }
    for (int r = 0; r < tile.rows; r++) {
      s.append("FloatVector x%d = FloatVector.broadcast(S, packed[at%s]);\n".formatted(r, more(r)));
      for (int v = 0; v < tile.vectors(); v++) {
        s.append("c%1$d_%2$d = x%1$d.fma(w%2$d, c%1$d_%2$d);\n".formatted(r, v));
      }
    }
    s.append("at += aStep;\nbAt += bStep;\n} while (bAt < bEnd);\n");
    storeAccumulators(s, tile);
    return s.append("}\n}\n").toString();
  }

  private static String more(int count) {
    return count == 0 ? "" : " + " + count;
  }

  private static String term(Tile tile) {
    StringBuilder s = new StringBuilder(head(tile, "TermTile", "Products term by term"));
    s.append(
        """
          @Override
          int run(int[] offsets, int rowBegin, int rowEnd, float[] a, int aBase, int[] terms,
              float[] b, int bAt, int panelSize, float[] start, int startAt,
              float[] c, int cAt, int[] targets) {
            int row = rowBegin;
            for (; row + %1$d <= rowEnd; row += %1$d) {
              tile(offsets, row, a, aBase, terms, b, bAt, panelSize, start, startAt, c, cAt, targets);
            }
            return row;
          }

          private static void tile(int[] offsets, int row, float[] a, int aBase, int[] terms,
              float[] b, int bAt, int panelSize, float[] start, int startAt,
              float[] c, int cAt, int[] targets) {
        """
            .formatted(tile.rows));
    for (int r = 0; r < tile.rows; r++) {
      s.append("int row%d = aBase + offsets[row%s];\n".formatted(r, more(r)));
    }
    for (int v = 0; v < tile.vectors(); v++) {
      s.append(
          "FloatVector c0_%d = FloatVector.fromArray(S, start, startAt%s);\n"
              .formatted(v, tile.column(v)));
    }
    for (int r = 1; r < tile.rows; r++) {
      for (int v = 0; v < tile.vectors(); v++) {
        s.append("FloatVector c%d_%2$d = c0_%2$d;\n".formatted(r, v));
      }
    }
    s.append("int k = 0;\ndo {\nint term = terms[k];\n");
    for (int v = 0; v < tile.vectors(); v++) {
      s.append(
          "FloatVector w%d = FloatVector.fromArray(S, b, bAt%s + k * 16);\n"
              .formatted(v, tile.column(v, "panelSize")));
    }
    for (int r = 0; r < tile.rows; r++) {
      s.append("FloatVector x%1$d = FloatVector.broadcast(S, a[row%1$d + term]);\n".formatted(r));
      for (int v = 0; v < tile.vectors(); v++) {
        s.append("c%1$d_%2$d = x%1$d.fma(w%2$d, c%1$d_%2$d);\n".formatted(r, v));
      }
    }
    s.append("k++;\n} while (k < terms.length);\n");
    storeAccumulators(s, tile);
    return s.append("}\n}\n").toString();
  }

  private static String outer(Tile tile) {
    StringBuilder s = new StringBuilder(head(tile, "OuterTile", "Sums of outer products"));
    s.append(
        """
          @Override
          int run(int[] starts, int rows, int kBegin, int kEnd, float[] a, float[] d,
              float[] start, int startMask, float[] g, int gAt, int gStride) {
            int k = kBegin;
            for (; k + %1$d <= kEnd; k += %1$d) {
              tile(starts, rows, k, a, d, start, startMask, g, gAt + (k - kBegin) * 16, gStride);
            }
            return k;
          }

          private static void tile(int[] starts, int rows, int k, float[] a, float[] d,
              float[] start, int startMask, float[] g, int gAt, int gStride) {
            int length = rows & LENGTH;
        """
            .formatted(tile.rows));
    for (int r = 0; r < tile.rows; r++) {
      for (int v = 0; v < tile.vectors(); v++) {
        s.append("FloatVector c%d_%d = FloatVector.zero(S);\n".formatted(r, v));
      }
    }
    if (tile.open) {
      s.append("int step = step(rows);\nint m = 0;\ndo {\n");
    } else {
      s.append("for (int m = 0; m < length; m += ").append(tile.unroll).append(") {\n");
    }
    for (int u = 0; u < tile.unroll; u++) {
      outerTurn(s, tile, u);
    }
    s.append(tile.open ? "m += step;\n} while (m < length);\n" : "}\n");
    for (int r = 0; r < tile.rows; r++) {
      for (int v = 0; v < tile.vectors(); v++) {
        String to = "gAt" + tile.column(v, "gStride") + (r == 0 ? "" : " + " + r * 16);
        s.append(
            "FloatVector.fromArray(S, start, %4$s & startMask).add(c%2$d_%3$d).intoArray(g, %1$s);\n"
                .formatted(to, r, v, to.contains(" ") ? "(" + to + ")" : to));
      }
    }
    return s.append("}\n}\n").toString();
  }

  private static void outerTurn(StringBuilder s, Tile tile, int u) {
    String suffix = tile.unroll == 1 ? "" : "_" + u;
    int pitch = 16 * tile.panels;
    s.append("int at%s = (starts[m%s] + k) & INDEX;\n".formatted(suffix, more(u)));
    for (int v = 0; v < tile.vectors(); v++) {
      int more = u * pitch + v * tile.width();
      s.append(
          "FloatVector d%d%s = FloatVector.fromArray(S, d, m * %d%s);\n"
              .formatted(v, suffix, pitch, more(more)));
    }
    for (int r = 0; r < tile.rows; r++) {
      s.append(
          "FloatVector x%d%s = FloatVector.broadcast(S, a[at%s%s]);\n"
              .formatted(r, suffix, suffix, more(r)));
      for (int v = 0; v < tile.vectors(); v++) {
        s.append("c%1$d_%2$d = x%1$d%3$s.fma(d%2$d%3$s, c%1$d_%2$d);\n".formatted(r, v, suffix));
      }
    }
  }

  private static void rowStarts(StringBuilder s, Tile tile, String more) {
    for (int r = 0; r < tile.rows; r++) {
      s.append(
          "int row%d = (rowStart(offsets[at%s], aBase) %s) & INDEX;\n".formatted(r, more(r), more));
    }
  }

  private static void accumulatorsFromStart(StringBuilder s, Tile tile) {
    for (int r = 0; r < tile.rows; r++) {
      s.append("int from%1$d = startAt + (targets[row%2$s] & startMask);\n".formatted(r, more(r)));
      for (int v = 0; v < tile.vectors(); v++) {
        s.append(
            "FloatVector c%1$d_%2$d = FloatVector.fromArray(S, start, from%1$d%3$s);\n"
                .formatted(r, v, tile.column(v)));
      }
    }
  }

  private static void storeAccumulators(StringBuilder s, Tile tile) {
    for (int r = 0; r < tile.rows; r++) {
      s.append("int to%1$d = cAt + targets[row%2$s];\n".formatted(r, more(r)));
      for (int v = 0; v < tile.vectors(); v++) {
        s.append("c%1$d_%2$d.intoArray(c, to%1$d%3$s);\n".formatted(r, v, tile.column(v)));
      }
    }
  }
}
