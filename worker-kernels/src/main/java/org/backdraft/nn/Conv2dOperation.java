package org.backdraft.nn;

import java.util.Arrays;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.RowPattern;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;

/**
 * A convolution as matrix products whose rows are output pixels, read in place from the input.
 *
 * <p>Images of few channels are copied into larger ones with a halo of zeros, which are kept for
 * the backward pass: there the taps of a filter row lie side by side and make longer runs.
 */
final class Conv2dOperation implements Operation {
  /** Runs of at least this many channels need not be joined. */
  private static final int LONG_RUN = 48;

  private final MatrixKernels kernels;
  private final int threads;
  private final Slot input;
  private final Slot output;
  private final ParameterTable.Entry weight;
  private final ParameterTable.Entry bias;

  /** Null where rows are read in place. */
  private final Halo halo;

  private final int haloBase;
  private final RowPattern rows;
  private final PackedWeights packed;
  private final int packedBase;
  private final int biasBase;
  private final boolean splitsExamples;

  private final WeightGradient weightGradient;
  private final BiasGradient biasGradient;
  private final InputGradient inputGradient;

  Conv2dOperation(Conv2d layer, OperationContext context) {
    kernels = context.kernels().matrix();
    threads = context.threads();
    input = context.input(0);
    output = context.output();
    weight = context.parameter("weight");
    bias = layer.bias() ? context.parameter("bias") : null;

    Window window = layer.window();
    ActivationLayout in = input.layout();
    ConvolutionRows forward;
    boolean hasZeros = input.area() != Slot.Area.INPUT;
    if (in.channels() < LONG_RUN && window.taps() > 1 || !hasZeros) {
      halo = Halo.around(in, window);
      haloBase =
          halo.isIdentity()
              ? -1
              : context.workspace((long) context.capacity() * halo.size() + Kernels.LANES);
      forward =
          ConvolutionRows.overHalo(
              window, in.channels(), in.pitch(), halo.width(), output.layout());
    } else {
      halo = null;
      haloBase = -1;
      forward = ConvolutionRows.inPlace(window, in, output.layout());
    }
    rows = forward.rows();
    packed = forward.forwardWeights(kernels, layer.out(), window.taps());
    packedBase = context.workspace(packed.layout().size());
    biasBase = context.workspace(packed.layout().panels() * Kernels.LANES);
    splitsExamples =
        haloBase < 0 && context.capacity() % threads != 0 && context.capacity() < 8 * threads;

    boolean isPadded = haloBase >= 0 || in.pitch() % Kernels.LANES == 0;
    weightGradient =
        new WeightGradient(
            context,
            RowSource.PIXELS,
            rows,
            isPadded,
            context.outputGradient(),
            packed,
            weight.begin());
    biasGradient = bias == null ? null : new BiasGradient(context, RowSource.PIXELS, bias.begin());
    inputGradient =
        context.wantsInputGradient(0) ? new InputGradient(window, context, weight) : null;
  }

  @Override
  public void prepare(Pass pass, int thread) {
    packed.packShare(pass, weight, packedBase, thread, threads);
    if (inputGradient != null && pass.training()) {
      inputGradient.prepare(pass, thread);
    }
    if (bias != null && thread == 0) {
      System.arraycopy(pass.parameters(), bias.begin(), pass.workspace(), biasBase, bias.length());
    }
  }

  @Override
  public void forward(Pass pass, int thread) {
    if (splitsExamples) {
      int all = pass.examples() * rows.rows();
      int end = Share.end(all, thread, threads);
      for (int row = Share.begin(all, thread, threads); row < end; ) {
        int example = row / rows.rows();
        int first = row % rows.rows();
        int last = Math.min(rows.rows(), first + end - row);
        multiply(pass, example, first, last);
        row += last - first;
      }
      return;
    }
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      if (haloBase >= 0) {
        halo.copy(pass.array(input), input.base(e), pass.workspace(), haloBase + e * halo.size());
      }
      multiply(pass, e, 0, rows.rows());
    }
  }

  private void multiply(Pass pass, int example, int rowBegin, int rowEnd) {
    float[] workspace = pass.workspace();
    kernels.multiply(
        rows,
        rowBegin,
        rowEnd,
        haloBase >= 0 ? workspace : pass.array(input),
        haloBase >= 0 ? haloBase + example * halo.size() : input.base(example),
        packed.layout(),
        0,
        packed.layout().panels(),
        workspace,
        packedBase,
        bias == null ? null : workspace,
        biasBase,
        pass.array(output),
        output.base(example));
  }

  @Override
  public void backward(Pass pass, int thread) {
    inputGradient.run(pass, thread);
  }

  @Override
  public Scope scope(boolean backward) {
    if (backward) {
      return inputGradient == null ? Scope.NOTHING : Scope.EXAMPLES;
    }
    return splitsExamples ? Scope.BATCH : Scope.EXAMPLES;
  }

  /** The sums of the parameters' gradients. */
  Operation gradientSums() {
    return new GradientSums();
  }

  private final class GradientSums implements Operation {
    @Override
    public void backward(Pass pass, int thread) {
      if (haloBase >= 0) {
        weightGradient.run(pass, thread, pass.workspace(), haloBase, halo.size());
      } else {
        weightGradient.run(pass, thread, pass.array(input), input.offset(), input.layout().size());
      }
      if (biasGradient != null) {
        biasGradient.run(pass, thread);
      }
    }

    @Override
    public Scope scope(boolean backward) {
      return backward ? Scope.SUMS : Scope.NOTHING;
    }
  }

  /** The gradient of the input: products whose rows are input pixels, one for each phase. */
  private static final class InputGradient {
    private final MatrixKernels kernels;
    private final int threads;
    private final ParameterTable.Entry weight;
    private final Slot outputGradient;
    private final Slot gradient;

    /** Null where rows are read in place. */
    private final Halo halo;

    private final int haloBase;
    private final ConvolutionRows[] phases;
    private final PackedWeights[] packed;
    private final int[] packedBases;
    private final boolean coversInput;

    InputGradient(Window window, OperationContext context, ParameterTable.Entry weight) {
      kernels = context.kernels().matrix();
      threads = context.threads();
      this.weight = weight;
      outputGradient = context.outputGradient();
      gradient = context.inputGradient(0);
      ActivationLayout in = gradient.layout();
      ActivationLayout out = outputGradient.layout();
      boolean isDense = window.strideH() == 1 && window.strideW() == 1;
      if (isDense && out.channels() < LONG_RUN && window.taps() > 1) {
        halo = Halo.forTransposed(out, in, window);
        haloBase = context.workspace((long) threads * halo.size());
        phases =
            new ConvolutionRows[] {
              ConvolutionRows.transposedOverHalo(window, in, out, halo.width())
            };
      } else {
        halo = null;
        haloBase = -1;
        phases = ConvolutionRows.transposed(window, in, out).toArray(ConvolutionRows[]::new);
      }
      packed = new PackedWeights[phases.length];
      packedBases = new int[phases.length];
      int pixels = 0;
      for (int i = 0; i < phases.length; i++) {
        packed[i] = phases[i].backwardWeights(kernels, in.channels(), window.taps());
        packedBases[i] = context.workspace(packed[i].layout().size());
        pixels += phases[i].rows().rows();
      }
      coversInput = pixels == in.pixels();
    }

    void prepare(Pass pass, int thread) {
      for (int i = 0; i < packed.length; i++) {
        packed[i].packShare(pass, weight, packedBases[i], thread, threads);
      }
    }

    void run(Pass pass, int thread) {
      int end = pass.end(thread);
      for (int e = pass.begin(thread); e < end; e++) {
        if (!coversInput) {
          int base = gradient.base(e);
          Arrays.fill(pass.array(gradient), base, base + gradient.layout().size(), 0);
        }
        float[] a = pass.array(outputGradient);
        int aBase = outputGradient.base(e);
        if (halo != null) {
          int copy = haloBase + thread * halo.size();
          halo.copy(a, aBase, pass.workspace(), copy);
          a = pass.workspace();
          aBase = copy;
        }
        for (int i = 0; i < phases.length; i++) {
          RowPattern rows = phases[i].rows();
          kernels.multiply(
              rows,
              0,
              rows.rows(),
              a,
              aBase,
              packed[i].layout(),
              0,
              packed[i].layout().panels(),
              pass.workspace(),
              packedBases[i],
              null,
              0,
              pass.array(gradient),
              gradient.base(e));
        }
      }
    }
  }
}
