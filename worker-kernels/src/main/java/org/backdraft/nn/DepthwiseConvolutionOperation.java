package org.backdraft.nn;

import java.util.Arrays;
import java.util.List;
import org.backdraft.kernel.DepthwiseKernels;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.RowPattern;
import org.backdraft.kernel.Window;
import org.backdraft.leaf.LeafRange;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;

/**
 * A convolution with as many groups as channels of input and output: one filter for each channel.
 * Pixels are read in place; orders of sums are those of {@link ConvolutionOperation}, hence the
 * same bits.
 */
final class DepthwiseConvolutionOperation implements Operation {
  private final DepthwiseKernels kernels;
  private final Kernels all;
  private final int threads;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;

  /** Null where nobody asks for it. */
  private final Slot inputGradient;

  private final ParameterTable.Entry weight;

  /** Null without a bias. */
  private final ParameterTable.Entry bias;

  /** Null without a bias. */
  private final BiasGradient biasGradient;

  private final ConvolutionRows forward;
  private final ConvolutionRows[] phases;
  private final int windowTaps;
  private final int depth;

  /** The bias, or zeros. */
  private final int biasBase;

  private final int zerosBase;
  private final int forwardBase;
  private final int[] phaseBases;
  private final int stackBase;
  private final int stackFloats;
  private final boolean splitsExamples;

  /**
   * @param hasBias whether there is a parameter {@code bias}
   */
  DepthwiseConvolutionOperation(Window window, boolean hasBias, OperationContext context) {
    all = context.kernels();
    kernels = all.depthwise();
    threads = context.threads();
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
    weight = context.parameter("weight");
    bias = hasBias ? context.parameter("bias") : null;
    biasGradient = hasBias ? new BiasGradient(context, RowSource.PIXELS, bias.begin()) : null;

    ActivationLayout in = input.layout();
    depth = ActivationLayout.roundUpToLanes(in.channels());
    windowTaps = window.taps();
    forward = ConvolutionRows.inPlace(window, in, depth, output.layout());
    phases =
        inputGradient == null
            ? new ConvolutionRows[0]
            : ConvolutionRows.transposed(
                    window, inputGradient.layout(), outputGradient.layout(), depth)
                .toArray(ConvolutionRows[]::new);
    zerosBase = context.workspace(depth);
    biasBase = hasBias ? context.workspace(depth) : zerosBase;
    forwardBase = context.workspace((long) windowTaps * depth);
    phaseBases = new int[phases.length];
    for (int i = 0; i < phases.length; i++) {
      phaseBases[i] = context.workspace((long) phases[i].taps().length * depth);
    }
    int ownPanels = (depth / Kernels.LANES + threads - 1) / threads;
    stackFloats = LeafStack.tiles(context.subtrees()) * windowTaps * ownPanels * Kernels.LANES;
    stackBase = context.workspace((long) threads * stackFloats);
    splitsExamples = context.capacity() % threads != 0 && context.capacity() < 8 * threads;
  }

  /** Whether a layer with these settings over this input is one for this operation. */
  static boolean fits(int out, int groups, Slot input) {
    ActivationLayout layout = input.layout();
    return groups > 1
        && groups == out
        && groups == layout.channels()
        && input.area() != Slot.Area.INPUT;
  }

  @Override
  public void prepare(Pass pass, int thread) {
    if (thread != 0) {
      return;
    }
    pack(pass, forward.taps(), forwardBase);
    for (int i = 0; i < phases.length && pass.training(); i++) {
      pack(pass, phases[i].taps(), phaseBases[i]);
    }
    if (bias != null) {
      System.arraycopy(pass.parameters(), bias.begin(), pass.workspace(), biasBase, bias.length());
    }
  }

  /** Channels side by side, tap by tap; padding lanes stay zero. */
  private void pack(Pass pass, int[] taps, int base) {
    for (int i = 0; i < taps.length; i++) {
      for (int c = 0; c < input.layout().channels(); c++) {
        pass.workspace()[base + i * depth + c] =
            pass.parameters()[weight.begin() + c * windowTaps + taps[i]];
      }
    }
  }

  @Override
  public void forward(Pass pass, int thread) {
    convolve(pass, thread, forward.rows(), input, forwardBase, biasBase, output);
  }

  private void convolve(
      Pass pass, int thread, RowPattern rows, Slot from, int weights, int start, Slot to) {
    int begin = pass.begin(thread) * rows.rows();
    int end = pass.end(thread) * rows.rows();
    if (splitsExamples) {
      int all = pass.examples() * rows.rows();
      begin = Share.begin(all, thread, threads);
      end = Share.end(all, thread, threads);
    }
    for (int row = begin; row < end; ) {
      int example = row / rows.rows();
      int first = row % rows.rows();
      int last = Math.min(rows.rows(), first + end - row);
      kernels.convolve(
          rows,
          first,
          last,
          pass.array(from),
          from.base(example),
          pass.workspace(),
          weights,
          pass.workspace(),
          start,
          pass.array(to),
          to.base(example));
      row += last - first;
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    for (int i = 0; i < phases.length; i++) {
      RowPattern rows = phases[i].rows();
      convolve(pass, thread, rows, outputGradient, phaseBases[i], zerosBase, inputGradient);
    }
  }

  /** The sums of the parameters' gradients. */
  Operation gradientSums() {
    return new Sums();
  }

  private final class Sums implements Operation {
    @Override
    public void backward(Pass pass, int thread) {
      addWeightGradient(pass, thread);
      if (biasGradient != null) {
        biasGradient.run(pass, thread);
      }
    }

    @Override
    public Scope scope(boolean backward) {
      return backward ? Scope.SUMS : Scope.NOTHING;
    }
  }

  /** The share of a thread is a range of channels, in which it adds up all leaves. */
  private void addWeightGradient(Pass pass, int thread) {
    int panels = depth / Kernels.LANES;
    int begin = Share.begin(panels, thread, threads) * Kernels.LANES;
    int end = Share.end(panels, thread, threads) * Kernels.LANES;
    if (begin == end) {
      return;
    }
    List<LeafRange> subtrees = pass.subtrees();
    float[] stack = pass.workspace();
    int base = stackBase + thread * stackFloats;
    int tile = windowTaps * (end - begin);
    for (int s = 0; s < subtrees.size(); s++) {
      LeafRange subtree = subtrees.get(s);
      int tiles = 0;
      for (int leaf = subtree.begin(); leaf < subtree.end(); leaf++) {
        int top = base + tiles * tile;
        Arrays.fill(stack, top, top + tile, 0);
        for (int e = pass.leafBegin(leaf); e < pass.leafBegin(leaf + 1); e++) {
          addExample(pass, e, begin, end, top);
        }
        tiles = LeafStack.fold(all.matrix(), stack, base, tile, tiles + 1, leaf - subtree.begin());
      }
      unpack(stack, base, begin, end, pass.sums(s));
    }
  }

  private void addExample(Pass pass, int example, int begin, int end, int top) {
    int pixels = forward.rows().rows();
    for (int row = 0; row < pixels; row += Kernels.BLOCK_ROWS) {
      kernels.accumulateWeights(
          forward.rows(),
          row,
          Math.min(pixels, row + Kernels.BLOCK_ROWS),
          begin,
          end,
          pass.array(input),
          input.base(example),
          pass.array(outputGradient),
          outputGradient.base(example),
          outputGradient.layout().pitch(),
          pass.workspace(),
          top);
    }
  }

  private void unpack(float[] stack, int base, int begin, int end, float[] sums) {
    int last = Math.min(end, input.layout().channels());
    for (int c = begin; c < last; c++) {
      for (int t = 0; t < windowTaps; t++) {
        sums[weight.begin() + c * windowTaps + t] = stack[base + t * (end - begin) + c - begin];
      }
    }
  }

  @Override
  public Scope scope(boolean backward) {
    if (backward && inputGradient == null) {
      return Scope.NOTHING;
    }
    return splitsExamples ? Scope.BATCH : Scope.EXAMPLES;
  }
}
