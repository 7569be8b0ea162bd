package org.backdraft.nn;

import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.PanelLayout;
import org.backdraft.kernel.RowPattern;
import org.backdraft.tensor.ParameterTable;

/**
 * A linear layer as matrix products whose rows are the examples. Wide layers deal panels of weights
 * to the threads, each of which packs two of them, uses them for all examples and packs the next;
 * narrow ones pack all panels first and deal examples.
 */
final class LinearOperation implements Operation {
  private static final int PANELS_AT_ONCE = 2;

  private final MatrixKernels kernels;
  private final int threads;
  private final Slot input;
  private final Slot output;
  private final ParameterTable.Entry weight;
  private final ParameterTable.Entry bias;

  private final RowPattern rows;
  private final PackedWeights packed;
  private final int packedBase;
  private final int biasBase;

  /**
   * Whether rows of the weight's gradient are made as they lie in memory, a vector of inputs times
   * one output each; otherwise a vector of outputs times one input.
   */
  private final boolean weightsByOutput;

  private final WeightGradient weightGradient;
  private final BiasGradient biasGradient;
  private final Slot outputGradient;

  private final Slot inputGradient;
  private final RowPattern backRows;
  private final PackedWeights backPacked;
  private final int backPackedBase;

  LinearOperation(Linear layer, OperationContext context) {
    kernels = context.kernels().matrix();
    threads = context.threads();
    input = context.input(0);
    output = context.output();
    weight = context.parameter("weight");
    bias = layer.bias() ? context.parameter("bias") : null;
    outputGradient = context.outputGradient();
    int in = input.layout().channels();
    int out = layer.out();

    rows = examples(context.capacity(), input.layout().size(), in, output.layout().size());
    packed =
        new PackedWeights(kernels, new PanelLayout(1, in, out), RowPattern.multiples(in, 1), in);
    packedBase = context.workspace(packedFloats(packed.layout()));
    biasBase = context.workspace(packed.layout().panels() * Kernels.LANES);
    weightsByOutput = input.layout().size() % Kernels.LANES == 0;
    weightGradient =
        weightsByOutput
            ? new WeightGradient(
                context,
                RowSource.EXAMPLES,
                examples(context.capacity(), outputGradient.layout().size(), out, 0),
                true,
                input,
                new PackedWeights(
                    kernels, new PanelLayout(1, out, in), RowPattern.multiples(out, in), 1),
                weight.begin())
            : new WeightGradient(
                context, RowSource.EXAMPLES, rows, false, outputGradient, packed, weight.begin());
    biasGradient =
        bias == null ? null : new BiasGradient(context, RowSource.EXAMPLES, bias.begin());

    if (context.wantsInputGradient(0)) {
      inputGradient = context.inputGradient(0);
      backRows =
          examples(
              context.capacity(),
              outputGradient.layout().size(),
              out,
              inputGradient.layout().size());
      backPacked =
          new PackedWeights(kernels, new PanelLayout(1, out, in), RowPattern.multiples(out, in), 1);
      backPackedBase = context.workspace(packedFloats(backPacked.layout()));
    } else {
      inputGradient = null;
      backRows = null;
      backPacked = null;
      backPackedBase = -1;
    }
  }

  private static RowPattern examples(int capacity, int size, int depth, int targetSize) {
    return RowPattern.uniform(
        RowPattern.multiples(capacity, size), new int[] {0}, depth, targetSize);
  }

  /** All panels where they are packed before the pass, else two for each thread. */
  private long packedFloats(PanelLayout layout) {
    return dealsPanels(layout)
        ? (long) threads * PANELS_AT_ONCE * layout.panelSize()
        : layout.size();
  }

  @Override
  public void prepare(Pass pass, int thread) {
    if (!dealsPanels(packed.layout())) {
      packed.packShare(pass, weight, packedBase, thread, threads);
    }
    if (inputGradient != null && pass.training() && !dealsPanels(backPacked.layout())) {
      backPacked.packShare(pass, weight, backPackedBase, thread, threads);
    }
    if (bias != null && thread == 0) {
      System.arraycopy(pass.parameters(), bias.begin(), pass.workspace(), biasBase, bias.length());
    }
  }

  @Override
  public void forward(Pass pass, int thread) {
    multiply(pass, thread, rows, input, packed, packedBase, bias != null, output);
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient != null) {
      multiply(
          pass, thread, backRows, outputGradient, backPacked, backPackedBase, false, inputGradient);
    }
    Slot factor = weightsByOutput ? outputGradient : input;
    weightGradient.run(pass, thread, pass.array(factor), factor.offset(), factor.layout().size());
    if (biasGradient != null) {
      biasGradient.run(pass, thread);
    }
  }

  private void multiply(
      Pass pass,
      int thread,
      RowPattern pattern,
      Slot from,
      PackedWeights matrix,
      int matrixBase,
      boolean withBias,
      Slot to) {
    int panels = matrix.layout().panels();
    if (!dealsPanels(matrix.layout())) {
      int begin = pass.begin(thread);
      int end = pass.end(thread);
      multiply(pass, pattern, begin, end, from, matrix, 0, panels, matrixBase, withBias, to);
      return;
    }
    int own = matrixBase + thread * PANELS_AT_ONCE * matrix.layout().panelSize();
    int last = Share.end(panels, thread, threads);
    for (int panel = Share.begin(panels, thread, threads); panel < last; panel += PANELS_AT_ONCE) {
      int panelEnd = Math.min(last, panel + PANELS_AT_ONCE);
      matrix.pack(pass.parameters(), weight.begin(), pass.workspace(), own, panel, panelEnd);
      // The kernels count panels from the first of the whole matrix.
      int base = own - panel * matrix.layout().panelSize();
      multiply(
          pass, pattern, 0, pass.examples(), from, matrix, panel, panelEnd, base, withBias, to);
    }
  }

  private void multiply(
      Pass pass,
      RowPattern pattern,
      int rowBegin,
      int rowEnd,
      Slot from,
      PackedWeights matrix,
      int panelBegin,
      int panelEnd,
      int matrixBase,
      boolean withBias,
      Slot to) {
    float[] workspace = pass.workspace();
    kernels.multiply(
        pattern,
        rowBegin,
        rowEnd,
        pass.array(from),
        from.offset(),
        matrix.layout(),
        panelBegin,
        panelEnd,
        workspace,
        matrixBase,
        withBias ? workspace : null,
        biasBase,
        pass.array(to),
        to.offset());
  }

  private boolean dealsPanels(PanelLayout layout) {
    return layout.panels() >= 2 * threads;
  }

  @Override
  public Scope scope(boolean backward) {
    return backward || dealsPanels(packed.layout()) ? Scope.BATCH : Scope.EXAMPLES;
  }
}
