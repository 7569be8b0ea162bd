package org.backdraft.nn;

import java.util.Arrays;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.LayerNormKernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.NormalizedRow;
import org.backdraft.leaf.LeafRange;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;

/**
 * Layer normalisation. A local batch is a matrix of rows, one for each pixel or for each example;
 * values are dealt to the threads by examples, the sums of the parameters' gradients by panels of
 * 16 columns: leaf by leaf in blocks of rows, leaves over their tree.
 */
final class LayerNormOperation implements Operation {
  /** A panel of the weight's gradient and one of the bias's. */
  private static final int TILE = 2 * Kernels.LANES;

  private final LayerNormKernels kernels;
  private final MatrixKernels adder;
  private final int threads;
  private final float epsilon;
  private final NormalizedRow row;
  private final int rowsPerExample;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;
  private final ParameterTable.Entry scale;
  private final ParameterTable.Entry shift;
  private final int scaleBase;
  private final int shiftBase;
  private final int meanBase;
  private final int inverseBase;
  private final int stackBase;
  private final int stackFloats;

  LayerNormOperation(LayerNorm layer, OperationContext context) {
    kernels = context.kernels().layerNorm();
    adder = context.kernels().matrix();
    threads = context.threads();
    epsilon = layer.epsilon();
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
    ActivationLayout layout = output.layout();
    boolean byPixel = layer.over() == LayerNorm.Over.CHANNELS;
    row = new NormalizedRow(byPixel ? 1 : layout.pixels(), layout.channels());
    rowsPerExample = byPixel ? layout.pixels() : 1;
    scale = context.parameter("weight");
    shift = context.parameter("bias");
    scaleBase = context.workspace(row.length());
    shiftBase = context.workspace(row.length());
    long rows = (long) context.capacity() * rowsPerExample;
    meanBase = context.workspace(rows);
    inverseBase = context.workspace(rows);
    stackFloats = LeafStack.tiles(context.subtrees()) * TILE;
    stackBase = context.workspace((long) threads * stackFloats);
  }

  /** Parameters go from their logical order into that of a row. */
  @Override
  public void prepare(Pass pass, int thread) {
    float[] parameters = pass.parameters();
    float[] workspace = pass.workspace();
    int end = Share.end(row.pixels(), thread, threads);
    for (int pixel = Share.begin(row.pixels(), thread, threads); pixel < end; pixel++) {
      for (int c = 0; c < row.channels(); c++) {
        int to = pixel * row.pitch() + c;
        int from = c * row.pixels() + pixel;
        workspace[scaleBase + to] = parameters[scale.begin() + from];
        workspace[shiftBase + to] = parameters[shift.begin() + from];
      }
    }
  }

  @Override
  public void forward(Pass pass, int thread) {
    float[] workspace = pass.workspace();
    float[] x = pass.array(input);
    int begin = pass.begin(thread);
    int rows = (pass.end(thread) - begin) * rowsPerExample;
    int mean = meanBase + begin * rowsPerExample;
    int inverse = inverseBase + begin * rowsPerExample;
    kernels.statistics(
        row, rows, epsilon, x, input.base(begin), workspace, mean, workspace, inverse);
    kernels.normalize(
        row,
        rows,
        x,
        input.base(begin),
        workspace,
        mean,
        workspace,
        inverse,
        workspace,
        scaleBase,
        workspace,
        shiftBase,
        pass.array(output),
        output.base(begin));
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient != null) {
      int begin = pass.begin(thread);
      int end = pass.end(thread);
      float[] workspace = pass.workspace();
      kernels.backward(
          row,
          (end - begin) * rowsPerExample,
          pass.array(input),
          input.base(begin),
          pass.array(outputGradient),
          outputGradient.base(begin),
          workspace,
          meanBase + begin * rowsPerExample,
          workspace,
          inverseBase + begin * rowsPerExample,
          workspace,
          scaleBase,
          pass.array(inputGradient),
          inputGradient.base(begin));
    }
    int panels = row.length() / Kernels.LANES;
    int end = Share.end(panels, thread, threads);
    for (int panel = Share.begin(panels, thread, threads); panel < end; panel++) {
      for (int s = 0; s < pass.subtrees().size(); s++) {
        addSubtree(pass, thread, panel, s);
      }
    }
  }

  private void addSubtree(Pass pass, int thread, int panel, int s) {
    float[] workspace = pass.workspace();
    int base = stackBase + thread * stackFloats;
    LeafRange subtree = pass.subtrees().get(s);
    int depth = 0;
    for (int leaf = subtree.begin(); leaf < subtree.end(); leaf++) {
      int top = base + depth * TILE;
      Arrays.fill(workspace, top, top + TILE, 0);
      addLeaf(pass, leaf, panel, top);
      depth = LeafStack.fold(adder, workspace, base, TILE, depth + 1, leaf - subtree.begin());
    }
    float[] sums = pass.sums(s);
    int column = panel * Kernels.LANES;
    int pixel = column / row.pitch();
    int channel = column % row.pitch();
    int count = Math.min(Kernels.LANES, row.channels() - channel);
    for (int i = 0; i < count; i++) {
      int to = (channel + i) * row.pixels() + pixel;
      sums[scale.begin() + to] = workspace[base + i];
      sums[shift.begin() + to] = workspace[base + Kernels.LANES + i];
    }
  }

  private void addLeaf(Pass pass, int leaf, int panel, int top) {
    float[] workspace = pass.workspace();
    float[] x = pass.array(input);
    float[] dy = pass.array(outputGradient);
    int first = pass.leafBegin(leaf) * rowsPerExample;
    int last = pass.leafBegin(leaf + 1) * rowsPerExample;
    for (int m = first; m < last; m += Kernels.BLOCK_ROWS) {
      int at = m * row.length() + panel * Kernels.LANES;
      kernels.accumulateGradients(
          row.length(),
          Math.min(Kernels.BLOCK_ROWS, last - m),
          x,
          input.offset() + at,
          dy,
          outputGradient.offset() + at,
          workspace,
          meanBase + m,
          workspace,
          inverseBase + m,
          workspace,
          top,
          workspace,
          top + Kernels.LANES);
    }
  }

  /** The parameters' gradients are sums over the examples of all threads. */
  @Override
  public Scope scope(boolean backward) {
    return backward ? Scope.BATCH : Scope.EXAMPLES;
  }
}
