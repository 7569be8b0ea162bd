package org.backdraft.nn;

import java.util.List;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.RowPattern;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;

/**
 * A convolution, or its transpose, as matrix products whose rows are pixels: the output's over the
 * input, or the input's over the output, one product for each phase of the strides and each group
 * of channels.
 *
 * <p>Volumes of few channels are copied into larger ones with a halo of zeros: there the taps of a
 * filter row lie side by side and make longer runs. Others are read in place.
 *
 * <p>Kernels write whole panels. A group whose channels do not fill its panels would overwrite the
 * next group's: its rows go to a scratch tile first, of which its own channels are copied. Several
 * groups in one panel, with zeros between their weights, would need no copy, but multiply what
 * belongs to other groups by zero: an infinity there would become a NaN here.
 */
final class ConvolutionProduct implements InputGradient {
  /** Runs of at least this many channels need not be joined. */
  private static final int LONG_RUN = 48;

  /** Rows of a scratch tile, which stays in a cache; a multiple of the rows of all tiles. */
  private static final int SCRATCH_ROWS = 120;

  private final MatrixKernels kernels;
  private final int threads;
  private final Slot from;
  private final Slot to;
  private final int groups;
  private final int fromChannels;
  private final int toChannels;

  /** Null where rows are read in place. */
  private final Halo halo;

  private final boolean keepsHalos;
  private final int haloBase;

  private final ConvolutionRows[] phases;

  /** The rows of each phase with targets in a scratch tile; null where none is needed. */
  private final RowPattern[] scratchRows;

  private final int scratchBase;
  private final int scratchFloats;

  private final PackedWeights[] packed;

  /** For each phase, the packed weights of all groups. */
  private final int[] packedBases;

  private final ParameterTable.Entry weight;
  private final ParameterTable.Entry bias;
  private final int biasBase;
  private final int biasPitch;
  private final boolean splitsExamples;

  /**
   * @param halo null where rows are read in place
   * @param keepsHalos whether the copies of all examples are kept until the next pass
   * @param bias null for none
   */
  private ConvolutionProduct(
      OperationContext context,
      Slot from,
      Slot to,
      int groups,
      Halo halo,
      boolean keepsHalos,
      List<ConvolutionRows> phases,
      List<PackedWeights> packed,
      ParameterTable.Entry weight,
      ParameterTable.Entry bias) {
    kernels = context.kernels().matrix();
    threads = context.threads();
    this.from = from;
    this.to = to;
    this.groups = groups;
    this.halo = halo;
    this.keepsHalos = keepsHalos;
    this.phases = phases.toArray(ConvolutionRows[]::new);
    this.packed = packed.toArray(PackedWeights[]::new);
    this.weight = weight;
    this.bias = bias;
    fromChannels = from.layout().channels() / groups;
    toChannels = to.layout().channels() / groups;
    int copies = keepsHalos ? context.capacity() : threads;
    haloBase = halo == null ? -1 : context.workspace((long) copies * halo.size() + Kernels.LANES);
    packedBases = new int[this.phases.length];
    for (int i = 0; i < packedBases.length; i++) {
      packedBases[i] = context.workspace((long) groups * this.packed[i].layout().size());
    }
    biasPitch = ActivationLayout.roundUpToLanes(toChannels);
    biasBase = bias == null ? -1 : context.workspace((long) groups * biasPitch);
    splitsExamples =
        halo == null && context.capacity() % threads != 0 && context.capacity() < 8 * threads;
    boolean needsScratch = groups > 1 && toChannels % Kernels.LANES != 0;
    scratchRows = needsScratch ? scratchRows(this.phases, biasPitch) : null;
    scratchFloats = SCRATCH_ROWS * biasPitch;
    scratchBase = needsScratch ? context.workspace((long) threads * scratchFloats) : -1;
  }

  private static RowPattern[] scratchRows(ConvolutionRows[] phases, int pitch) {
    RowPattern[] patterns = new RowPattern[phases.length];
    for (int i = 0; i < patterns.length; i++) {
      RowPattern rows = phases[i].rows();
      int[] targets = new int[rows.rows()];
      for (int m = 0; m < targets.length; m++) {
        targets[m] = m % SCRATCH_ROWS * pitch;
      }
      patterns[i] =
          new RowPattern(
              rows.rows(), rows.taps(), rows.depth(), rows.offsets(), targets, rows.terms());
    }
    return patterns;
  }

  /**
   * Output pixels over the input: each element is one chain from the bias over taps, then the
   * channels of its group.
   *
   * @param from the input
   * @param to the output
   * @param keepsHalos whether {@link #patternArray} must hold all examples after the pass
   */
  static ConvolutionProduct forward(
      OperationContext context,
      Window window,
      int groups,
      Slot from,
      Slot to,
      boolean keepsHalos,
      ParameterTable.Entry weight,
      ParameterTable.Entry bias) {
    ActivationLayout in = from.layout();
    int channels = in.channels() / groups;
    boolean hasZeros = from.area() != Slot.Area.INPUT;
    Halo halo = null;
    ConvolutionRows rows;
    if (channels < LONG_RUN && window.taps() > 1 || !hasZeros) {
      Halo around = dense(Halo.around(in, window), groups);
      rows = ConvolutionRows.overHalo(window, channels, around, to.layout());
      halo = around.isIdentity() ? null : around;
    } else {
      rows = ConvolutionRows.inPlace(window, in, channels, to.layout());
    }
    int out = to.layout().channels() / groups;
    PackedWeights packed = rows.forwardWeights(context.kernels().matrix(), out, window.taps());
    return new ConvolutionProduct(
        context, from, to, groups, halo, keepsHalos, List.of(rows), List.of(packed), weight, bias);
  }

  /**
   * Input pixels over the output: each element is one chain from the bias over the taps that reach
   * it, the last one first, then the channels of its group.
   *
   * @param from the output, or its gradient
   * @param to the input, or its gradient
   */
  static ConvolutionProduct transposed(
      OperationContext context,
      Window window,
      int groups,
      Slot from,
      Slot to,
      ParameterTable.Entry weight,
      ParameterTable.Entry bias) {
    ActivationLayout in = to.layout();
    ActivationLayout out = from.layout();
    int channels = out.channels() / groups;
    Halo halo = null;
    List<ConvolutionRows> phases;
    if (window.hasUnitStride() && channels < LONG_RUN && window.taps() > 1) {
      halo = dense(Halo.forTransposed(out, in, window), groups);
      phases = List.of(ConvolutionRows.transposedOverHalo(window, in, halo, channels));
    } else {
      phases = ConvolutionRows.transposed(window, in, out, channels);
    }
    MatrixKernels kernels = context.kernels().matrix();
    List<PackedWeights> packed =
        phases.stream()
            .map(p -> p.backwardWeights(kernels, in.channels() / groups, window.taps()))
            .toList();
    return new ConvolutionProduct(
        context, from, to, groups, halo, false, phases, packed, weight, bias);
  }

  /** Without padding lanes where that joins taps; the channels of groups never lie side by side. */
  private static Halo dense(Halo halo, int groups) {
    return groups == 1 ? halo.withoutPaddingLanes() : halo;
  }

  /** The rows of the first phase, as a weight gradient reads them. */
  RowPattern pattern() {
    return phases[0].rows();
  }

  /** How the first phase packs its weights. */
  PackedWeights packedWeights() {
    return packed[0];
  }

  /** Where {@link #pattern} reads: copies with halos, or what the product reads itself. */
  float[] patternArray(Pass pass) {
    return halo != null ? pass.workspace() : pass.array(from);
  }

  /** Where example 0 lies in {@link #patternArray}. */
  int patternBase() {
    return halo != null ? haloBase : from.offset();
  }

  /** Floats of an example in {@link #patternArray}. */
  int patternSize() {
    return halo != null ? halo.size() : from.layout().size();
  }

  /** Whether whole groups of 8 elements can be read behind each row of {@link #pattern}. */
  boolean isPatternPadded() {
    return halo != null || from.layout().pitch() % Kernels.LANES == 0;
  }

  @Override
  public Scope scope() {
    return splitsExamples ? Scope.BATCH : Scope.EXAMPLES;
  }

  /** Packs weights and bias. */
  @Override
  public void prepare(Pass pass, int thread) {
    for (int i = 0; i < packed.length; i++) {
      packed[i].packShare(pass, weight, groups, packedBases[i], thread, threads);
    }
    if (bias != null && thread == 0) {
      for (int g = 0; g < groups; g++) {
        System.arraycopy(
            pass.parameters(),
            bias.begin() + g * toChannels,
            pass.workspace(),
            biasBase + g * biasPitch,
            toChannels);
      }
    }
  }

  @Override
  public void run(Pass pass, int thread) {
    if (splitsExamples) {
      for (int i = 0; i < phases.length; i++) {
        runShareOfRows(pass, thread, i);
      }
      return;
    }
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      float[] a = pass.array(from);
      int aBase = from.base(e);
      if (halo != null) {
        int copy = haloBase + (keepsHalos ? e : thread) * halo.size();
        halo.copy(a, aBase, pass.workspace(), copy);
        a = pass.workspace();
        aBase = copy;
      }
      for (int i = 0; i < phases.length; i++) {
        multiply(pass, thread, i, e, 0, phases[i].rows().rows(), a, aBase);
      }
    }
  }

  private void runShareOfRows(Pass pass, int thread, int phase) {
    int rows = phases[phase].rows().rows();
    int all = pass.examples() * rows;
    int end = Share.end(all, thread, threads);
    for (int row = Share.begin(all, thread, threads); row < end; ) {
      int example = row / rows;
      int first = row % rows;
      int last = Math.min(rows, first + end - row);
      float[] a = pass.array(from);
      multiply(pass, thread, phase, example, first, last, a, from.base(example));
      row += last - first;
    }
  }

  private void multiply(
      Pass pass,
      int thread,
      int phase,
      int example,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase) {
    for (int g = 0; g < groups; g++) {
      int aAt = aBase + g * fromChannels;
      float[] c = pass.array(to);
      int cAt = to.base(example) + g * toChannels;
      if (scratchRows == null) {
        multiply(pass, phases[phase].rows(), phase, g, rowBegin, rowEnd, a, aAt, c, cAt);
        continue;
      }
      int scratch = scratchBase + thread * scratchFloats;
      int blockEnd;
      for (int row = rowBegin; row < rowEnd; row = blockEnd) {
        blockEnd = Math.min(rowEnd, (row / SCRATCH_ROWS + 1) * SCRATCH_ROWS);
        RowPattern rows = scratchRows[phase];
        multiply(pass, rows, phase, g, row, blockEnd, a, aAt, pass.workspace(), scratch);
        copyRows(pass.workspace(), scratch, phase, row, blockEnd, c, cAt);
      }
    }
  }

  private void multiply(
      Pass pass,
      RowPattern rows,
      int phase,
      int group,
      int rowBegin,
      int rowEnd,
      float[] a,
      int aBase,
      float[] c,
      int cBase) {
    float[] workspace = pass.workspace();
    kernels.multiply(
        rows,
        rowBegin,
        rowEnd,
        a,
        aBase,
        packed[phase].layout(),
        0,
        packed[phase].layout().panels(),
        workspace,
        packedBases[phase] + group * packed[phase].layout().size(),
        bias == null ? null : workspace,
        biasBase + group * biasPitch,
        c,
        cBase);
  }

  private void copyRows(
      float[] scratch, int base, int phase, int rowBegin, int rowEnd, float[] c, int cBase) {
    int[] from = scratchRows[phase].targets();
    int[] targets = phases[phase].rows().targets();
    for (int m = rowBegin; m < rowEnd; m++) {
      System.arraycopy(scratch, base + from[m], c, cBase + targets[m], toChannels);
    }
  }
}
