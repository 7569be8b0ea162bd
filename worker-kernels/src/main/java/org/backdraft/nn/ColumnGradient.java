package org.backdraft.nn;

import java.util.Arrays;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.PanelLayout;
import org.backdraft.kernel.RowPattern;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;

/**
 * The input's gradient of a convolution by columns: each pixel of the output's gradient is
 * multiplied by the weights of all taps at once, and an input's pixel is the sum of what comes out
 * for the taps that reach it ("col2im").
 *
 * <p>A product whose rows are the input's pixels ({@link ConvolutionProduct#transposed}) fills a
 * panel with the channels of one pixel, and multiplies padding: with few channels and a large
 * window without padding that is several times the work.
 *
 * <p>An element is the sum, from +0, over the taps that reach it, the last one first, of one chain
 * over the output's channels each.
 */
final class ColumnGradient implements InputGradient {
  /** So many multiply-adds take as long as finding a number and adding it. */
  private static final int SUM_COST = 2;

  private final MatrixKernels kernels;
  private final int threads;
  private final Slot from;
  private final Slot to;
  private final ParameterTable.Entry weight;
  private final int taps;
  private final RowPattern rows;
  private final PanelLayout columns;
  private final int packedBase;

  /** For each input pixel where the numbers to be added lie, {@link #terms} of them. */
  private final int[] offsets;

  private final int terms;
  private final int columnsBase;
  private final int columnsFloats;

  /**
   * @param from the output's gradient
   * @param to the input's
   */
  ColumnGradient(
      OperationContext context, Window window, Slot from, Slot to, ParameterTable.Entry weight) {
    kernels = context.kernels().matrix();
    threads = context.threads();
    this.from = from;
    this.to = to;
    this.weight = weight;
    ActivationLayout in = to.layout();
    ActivationLayout out = from.layout();
    taps = window.taps();
    columns = new PanelLayout(1, out.channels(), taps * in.channels());
    int pitch = columns.panels() * Kernels.LANES;
    rows =
        RowPattern.uniform(
            RowPattern.multiples(out.pixels(), out.pitch()), new int[] {0}, out.channels(), pitch);
    packedBase = context.workspace(columns.size());
    // Behind the last row zeros, which pixels add that fewer taps reach.
    int zeros = out.pixels() * pitch;
    columnsFloats = zeros + in.pitch();
    columnsBase = context.workspace((long) threads * columnsFloats);
    int[][] reaching = reaching(window, in, out);
    terms = Arrays.stream(reaching).mapToInt(each -> each.length / 2).reduce(1, Math::max);
    offsets = new int[in.pixels() * terms];
    Arrays.fill(offsets, zeros);
    for (int p = 0; p < reaching.length; p++) {
      for (int i = 0; 2 * i < reaching[p].length; i++) {
        offsets[p * terms + i] =
            reaching[p][2 * i] * pitch + reaching[p][2 * i + 1] * in.channels();
      }
    }
  }

  /**
   * For each pixel of the input the pairs (output pixel, tap) that reach it, the last tap first.
   */
  private static int[][] reaching(Window window, ActivationLayout in, ActivationLayout out) {
    int[][] pairs = new int[in.pixels()][];
    int[] found = new int[2 * window.taps()];
    int p = 0;
    for (int z = 0; z < in.depth(); z++) {
      for (int y = 0; y < in.height(); y++) {
        for (int x = 0; x < in.width(); x++) {
          int count = 0;
          for (int tap = window.taps() - 1; tap >= 0; tap--) {
            int oz = window.depth().output(z, window.tapZ(tap));
            int oy = window.height().output(y, window.tapY(tap));
            int ox = window.width().output(x, window.tapX(tap));
            if (out.contains(oz, oy, ox)) {
              found[count++] = (oz * out.height() + oy) * out.width() + ox;
              found[count++] = tap;
            }
          }
          pairs[p++] = Arrays.copyOf(found, count);
        }
      }
    }
    return pairs;
  }

  /** Whether it is less work than a product whose rows are the input's pixels. */
  static boolean pays(Window window, ActivationLayout in, ActivationLayout out) {
    long phases =
        (long) window.depth().stride() * window.height().stride() * window.width().stride();
    long reaching = Math.max(1, window.taps() / phases) * in.pixels();
    long product = reaching * out.channels() * in.pitch();
    long pitch = ActivationLayout.roundUpToLanes(window.taps() * in.channels());
    long columns = out.pixels() * pitch * out.channels() + reaching * in.pitch() * SUM_COST;
    return 4 * product > 5 * columns;
  }

  @Override
  public void prepare(Pass pass, int thread) {
    int channels = to.layout().channels();
    float[] packed = pass.workspace();
    float[] weights = pass.parameters();
    int end = Share.end(from.layout().channels(), thread, threads);
    for (int k = Share.begin(from.layout().channels(), thread, threads); k < end; k++) {
      int source = weight.begin() + k * channels * taps;
      for (int tap = 0; tap < taps; tap++) {
        for (int channel = 0; channel < channels; channel++) {
          packed[packedBase + columns.index(0, k, tap * channels + channel)] =
              weights[source + channel * taps + tap];
        }
      }
    }
  }

  @Override
  public void run(Pass pass, int thread) {
    float[] workspace = pass.workspace();
    int own = columnsBase + thread * columnsFloats;
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      kernels.multiply(
          rows,
          0,
          rows.rows(),
          pass.array(from),
          from.base(e),
          columns,
          0,
          columns.panels(),
          workspace,
          packedBase,
          null,
          0,
          workspace,
          own);
      kernels.sumTerms(
          workspace,
          own,
          offsets,
          terms,
          pass.array(to),
          to.base(e),
          to.layout().pitch(),
          to.layout().channels());
    }
  }

  @Override
  public Scope scope() {
    return Scope.EXAMPLES;
  }
}
