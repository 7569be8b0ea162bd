package org.backdraft.kernel.tile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Measures how fast the main tiles run in this JVM, on data in L1, and takes the fastest of each
 * kind. Candidates run in turn, for a millisecond each, so that whoever else uses the machine slows
 * all of them alike; first until C2 has compiled them, then to be timed.
 */
final class TileCalibration {
  private static final int DEPTH = 128;
  private static final int ROWS = 120;
  private static final int PITCH = DEPTH + 16;
  private static final int PANEL_SIZE = DEPTH * 16;
  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int ROUNDS = 15;

  /** The least chain that C2 takes for a loop; short, since interpreted tiles are slow. */
  private static final int WARM_UP_DEPTH = 24;

  private static final long MOST_WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** GFLOP/s that no tile reaches before C2 has compiled it, and every one afterwards. */
  private static final double COMPILED = 4;

  /**
   * Packed rows are taken unless they are slower than others by more than this: with all data in L1
   * both are near the peak, while matrices that do not fit it favour packed rows.
   */
  private static final double LEAST_PACKED_RATIO = 0.9;

  /** A tile at work on some amount of data. */
  private interface Work {
    /**
     * @param rows of the left operand or, of a weight gradient, terms
     * @return floating-point operations
     */
    double run(int rows, int depth);
  }

  /** One candidate, and what it reached. */
  private static final class Entry<T extends RegisterTile> {
    final T tile;
    final Work work;
    double gflops;

    Entry(T tile, Work work) {
      this.tile = tile;
      this.work = work;
    }

    /** Runs small pieces for a while; returns whether they have become fast. */
    boolean isWarm() {
      return rate(tile == null ? 1 : tile.rows(), WARM_UP_DEPTH) > COMPILED;
    }

    void measure() {
      gflops = Math.max(gflops, rate(ROWS, DEPTH));
    }

    private double rate(int rows, int depth) {
      long began = System.nanoTime();
      long elapsed;
      double done = 0;
      do {
        done += work.run(rows, depth);
        elapsed = System.nanoTime() - began;
      } while (elapsed < WINDOW_NANOS);
      return done / elapsed;
    }
  }

  private final int bits;
  private final float[] left = new float[ROWS * PITCH + DEPTH];
  private final float[] right = new float[2 * PANEL_SIZE];
  private final float[] sums = new float[Math.max(ROWS, DEPTH) * 32];
  private final int[] offsets = new int[DEPTH];
  private final int[] targets = new int[ROWS];
  private float seed = 1;

  TileCalibration(int bits) {
    this.bits = bits;
    Arrays.fill(left, 0x1p-10f);
    Arrays.fill(right, 0x1p-10f);
    for (int i = 0; i < ROWS; i++) {
      offsets[i] = i * PITCH;
      targets[i] = i * 32;
    }
  }

  TileSet choose() {
    List<Entry<RunTile>> runs = new ArrayList<>();
    TileCatalog.runs(bits).stream().filter(this::isMain).forEach(t -> runs.add(runEntry(t)));
    List<Entry<PackedTile>> packed = new ArrayList<>();
    TileCatalog.packed(bits).forEach(t -> packed.add(packedEntry(t)));
    List<Entry<OuterTile>> outers = new ArrayList<>();
    TileCatalog.outers(bits).stream().filter(this::isMain).forEach(t -> outers.add(outerEntry(t)));
    Entry<RunTile> peak = new Entry<>(null, (rows, depth) -> peakChains());
    List<Entry<?>> all = new ArrayList<>();
    all.addAll(runs);
    all.addAll(packed);
    all.addAll(outers);
    all.add(peak);
    warmUp(all);
    for (int round = 0; round < ROUNDS; round++) {
      all.forEach(Entry::measure);
    }
    List<RunTile> wideRuns = ordered(runs, TileCatalog.runs(bits), 2);
    List<OuterTile> wideOuters = ordered(outers, TileCatalog.outers(bits), 2);
    if (!wideRuns.isEmpty() && best(runs, 1).gflops > best(runs, 2).gflops) {
      wideRuns = List.of();
    }
    double gflops = best(runs, wideRuns.isEmpty() ? 1 : 2).gflops;
    return new TileSet(
        packed.stream()
            .max(Comparator.comparingDouble(e -> e.gflops))
            .filter(e -> e.gflops > LEAST_PACKED_RATIO * gflops)
            .map(e -> e.tile)
            .orElse(null),
        wideRuns,
        ordered(runs, TileCatalog.runs(bits), 1),
        TileCatalog.terms(bits).stream().filter(t -> t.panels() == 2).toList(),
        TileCatalog.terms(bits).stream().filter(t -> t.panels() == 1).toList(),
        wideOuters,
        ordered(outers, TileCatalog.outers(bits), 1),
        gflops,
        peak.gflops);
  }

  /** Whether enough chains run side by side to hide the latency of an FMA. */
  private boolean isMain(RegisterTile tile) {
    return tile.rows() * tile.panels() * 16 / (bits / Float.SIZE) >= 8;
  }

  private static void warmUp(List<Entry<?>> entries) {
    long began = System.nanoTime();
    List<Entry<?>> cold = new ArrayList<>(entries);
    while (!cold.isEmpty() && System.nanoTime() - began < MOST_WARM_UP_NANOS) {
      cold.removeIf(Entry::isWarm);
    }
  }

  private double peakChains() {
    seed = RegisterChains.run(seed);
    return RegisterChains.operations();
  }

  private Entry<RunTile> runEntry(RunTile tile) {
    return new Entry<>(
        tile,
        (most, depth) -> {
          int rows = most / tile.rows() * tile.rows();
          tile.run(
              offsets,
              0,
              0,
              rows,
              left,
              0,
              0,
              depth,
              right,
              0,
              PANEL_SIZE,
              sums,
              0,
              -1,
              sums,
              0,
              targets);
          return 2.0 * rows * depth * 16 * tile.panels();
        });
  }

  private Entry<PackedTile> packedEntry(PackedTile tile) {
    return new Entry<>(
        tile,
        (most, depth) -> {
          int rows = most / tile.rows() * tile.rows();
          tile.run(left, 0, rows, depth, right, 0, PANEL_SIZE, sums, 0, -1, sums, 0, targets);
          return 2.0 * rows * depth * 16 * tile.panels();
        });
  }

  private Entry<OuterTile> outerEntry(OuterTile tile) {
    return new Entry<>(
        tile,
        (most, rows) -> {
          int depth = most / tile.rows() * tile.rows();
          tile.run(offsets, rows, 0, depth, left, right, sums, -1, sums, 0, DEPTH * 16);
          return 2.0 * depth * rows * 16 * tile.panels();
        });
  }

  private static <T extends RegisterTile> Entry<T> best(List<Entry<T>> entries, int panels) {
    return entries.stream()
        .filter(e -> e.tile.panels() == panels)
        .max(Comparator.comparingDouble(e -> e.gflops))
        .orElseThrow();
  }

  /**
   * The best main tile; if it is unrolled, the best one that is not; then smaller ones, largest
   * first, down to a single row.
   */
  private static <T extends RegisterTile> List<T> ordered(
      List<Entry<T>> entries, List<T> all, int panels) {
    if (all.stream().noneMatch(t -> t.panels() == panels)) {
      return List.of();
    }
    List<T> order = new ArrayList<>();
    order.add(best(entries, panels).tile);
    T plain = best(entries.stream().filter(e -> e.tile.unroll() == 1).toList(), panels).tile;
    if (!order.contains(plain)) {
      order.add(plain);
    }
    for (int rows = Integer.highestOneBit(plain.rows() - 1); rows > 0; rows /= 2) {
      int wanted = rows;
      all.stream()
          .filter(t -> t.panels() == panels && t.rows() == wanted && t.unroll() == 1)
          .findFirst()
          .ifPresent(order::add);
    }
    return order;
  }
}
