package org.backdraft.nn;

import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.PanelLayout;
import org.backdraft.kernel.RowPattern;
import org.backdraft.tensor.ParameterTable;

/**
 * A linear layer as matrix products whose rows are the examples. Wide layers deal panels of weights
 * to the threads, so that each weight is read by one thread only; narrow ones deal examples.
 */
final class LinearOperation implements Operation {
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
    packed = new PackedWeights(new PanelLayout(1, in, out), RowPattern.multiples(in, 1), in);
    packedBase = context.workspace(packed.layout().size());
    biasBase = context.workspace(packed.layout().panels() * Kernels.LANES);
    weightsByOutput = input.layout().size() % Kernels.LANES == 0;
    weightGradient =
        weightsByOutput
            ? new WeightGradient(
                context,
                RowSource.EXAMPLES,
                examples(context.capacity(), outputGradient.layout().size(), out, 0),
                input,
                new PackedWeights(new PanelLayout(1, out, in), RowPattern.multiples(out, in), 1),
                weight.begin())
            : new WeightGradient(
                context, RowSource.EXAMPLES, rows, outputGradient, packed, weight.begin());
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
      backPacked = new PackedWeights(new PanelLayout(1, out, in), RowPattern.multiples(out, in), 1);
      backPackedBase = context.workspace(backPacked.layout().size());
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

  @Override
  public void prepare(Pass pass, int thread) {
    packed.packShare(pass, weight, packedBase, thread, threads);
    if (inputGradient != null && pass.training()) {
      backPacked.packShare(pass, weight, backPackedBase, thread, threads);
    }
    if (bias != null && thread == 0) {
      System.arraycopy(pass.parameters(), bias.begin(), pass.workspace(), biasBase, bias.length());
    }
  }

  @Override
  public void forward(Pass pass, int thread) {
    multiply(pass, thread, rows, input, packed.layout(), packedBase, bias != null, output);
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient != null) {
      multiply(
          pass,
          thread,
          backRows,
          outputGradient,
          backPacked.layout(),
          backPackedBase,
          false,
          inputGradient);
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
      PanelLayout layout,
      int weightsBase,
      boolean withBias,
      Slot to) {
    boolean byPanels = dealsPanels(layout);
    int examples = pass.examples();
    int panels = layout.panels();
    float[] workspace = pass.workspace();
    kernels.multiply(
        pattern,
        byPanels ? 0 : Share.begin(examples, thread, threads),
        byPanels ? examples : Share.end(examples, thread, threads),
        pass.array(from),
        from.offset(),
        layout,
        byPanels ? Share.begin(panels, thread, threads) : 0,
        byPanels ? Share.end(panels, thread, threads) : panels,
        workspace,
        weightsBase,
        withBias ? workspace : null,
        biasBase,
        pass.array(to),
        to.offset());
  }

  private boolean dealsPanels(PanelLayout layout) {
    return threads > 1 && layout.panels() >= 2 * threads;
  }

  @Override
  public boolean examplesAlone(boolean backward) {
    return !backward && !dealsPanels(packed.layout());
  }
}
