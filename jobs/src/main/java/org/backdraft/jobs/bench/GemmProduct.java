package org.backdraft.jobs.bench;

import java.util.Locale;
import org.backdraft.concurrent.Team;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.PanelLayout;
import org.backdraft.kernel.RowPattern;
import org.backdraft.nn.Share;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Checks;

/**
 * The product of two square matrices, C = A · B in float32, as a layer computes it: A is read in
 * place, B is packed into panels each time, threads deal first the panels, then the rows.
 *
 * <p><b>Cost</b>: 2 · n³ operations, n² floats copied. Used by one thread.
 */
public final class GemmProduct implements AutoCloseable {
  /** The largest n: then each matrix takes 1 GiB. */
  public static final int MOST = 1 << 14;

  private final int n;
  private final Kernels kernels;
  private final int threads;
  private final Team team;
  private final float[] a;
  private final float[] b;
  private final float[] c;
  private final float[] packed;
  private final PanelLayout layout;
  private final RowPattern rows;
  private final int pitch;
  private final Team.Task pack = this::pack;
  private final Team.Task multiply = this::multiply;

  /**
   * Fills A and B with random numbers in [-1, 1).
   *
   * @param n rows and columns, in [1, {@value #MOST}]
   */
  public GemmProduct(int n, int threads, Kernels kernels) {
    Checks.argument(n >= 1 && n <= MOST, "A size must lie in [1, %d]: got %d.", MOST, n);
    this.n = n;
    this.kernels = kernels;
    this.threads = threads;
    layout = new PanelLayout(1, n, n);
    pitch = layout.panels() * Kernels.LANES;
    a = random(1);
    b = random(2);
    c = new float[n * pitch];
    packed = new float[layout.size()];
    rows = RowPattern.uniform(RowPattern.multiples(n, n), new int[] {0}, n, pitch);
    team = new Team(threads);
  }

  private float[] random(long stream) {
    float[] values = new float[n * n];
    for (int i = 0; i < values.length; i++) {
      values[i] = 2 * CounterRandom.uniform(1, stream, i) - 1;
    }
    return values;
  }

  /** Packs B and multiplies; allocates nothing. */
  public void run() {
    team.run(pack);
    team.run(multiply);
  }

  /** Operations of one {@link #run}: 2 · n³. */
  public double operations() {
    return 2.0 * n * n * n;
  }

  private void pack(int thread) {
    int end = Share.end(layout.panels(), thread, threads);
    for (int panel = Share.begin(layout.panels(), thread, threads); panel < end; panel++) {
      int column = panel * Kernels.LANES;
      int lanes = Math.min(Kernels.LANES, n - column);
      int to = panel * layout.panelSize();
      for (int k = 0; k < n; k++) {
        System.arraycopy(b, k * n + column, packed, to + k * Kernels.LANES, lanes);
      }
    }
  }

  private void multiply(int thread) {
    kernels
        .matrix()
        .multiply(
            rows,
            Share.begin(n, thread, threads),
            Share.end(n, thread, threads),
            a,
            0,
            layout,
            0,
            layout.panels(),
            packed,
            0,
            null,
            0,
            c,
            0);
  }

  /**
   * Compares some elements of the last {@link #run} with their sums in double.
   *
   * @throws AssertionError if one is farther off than n · 2⁻²³ times the sum of magnitudes
   */
  public void check() {
    for (int sample = 0; sample < 64; sample++) {
      int row = (int) (n * CounterRandom.uniform(3, 0, sample));
      int column = (int) (n * CounterRandom.uniform(3, 1, sample));
      double sum = 0;
      double magnitude = 0;
      for (int k = 0; k < n; k++) {
        double term = (double) a[row * n + k] * b[k * n + column];
        sum += term;
        magnitude += Math.abs(term);
      }
      float got = c[row * pitch + column];
      if (!(Math.abs(got - sum) <= n * 0x1p-23 * magnitude)) {
        throw new AssertionError(
            String.format(
                Locale.ROOT,
                "Element (%d, %d) of the product must be about %s: got %s.",
                row,
                column,
                sum,
                got));
      }
    }
  }

  /** Ends the threads. */
  @Override
  public void close() {
    team.close();
  }
}
