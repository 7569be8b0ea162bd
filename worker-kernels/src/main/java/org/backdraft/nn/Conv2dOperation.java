package org.backdraft.nn;

import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.PanelLayout;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;

/**
 * A convolution as matrix products over images with a halo of zeros.
 *
 * <p>Forward: rows are output pixels, read in place from the input (or, where there is padding,
 * from a copy with a halo that is kept for the backward pass). Backward to the input: the output's
 * gradient, spread out by the stride and surrounded by zeros, times the weights turned by 180
 * degrees.
 */
final class Conv2dOperation implements Operation {
  private final MatrixKernels kernels;
  private final int threads;
  private final Slot input;
  private final Slot output;
  private final ParameterTable.Entry weight;
  private final ParameterTable.Entry bias;

  private final Halo halo;
  private final int haloBase;
  private final ConvolutionPattern pattern;
  private final PackedWeights packed;
  private final int packedBase;
  private final int biasBase;

  private final WeightGradient weightGradient;
  private final BiasGradient biasGradient;
  private final Slot outputGradient;

  private final Slot inputGradient;
  private final Halo spread;
  private final int spreadBase;
  private final ConvolutionPattern backPattern;
  private final PackedWeights backPacked;
  private final int backPackedBase;

  Conv2dOperation(Conv2d layer, OperationContext context) {
    kernels = context.kernels().matrix();
    threads = context.threads();
    input = context.input(0);
    output = context.output();
    weight = context.parameter("weight");
    bias = layer.bias() ? context.parameter("bias") : null;
    outputGradient = context.outputGradient();

    Window window = layer.window();
    ActivationLayout in = input.layout();
    ActivationLayout out = output.layout();
    halo =
        new Halo(
            in,
            in.height() + 2 * window.paddingH(),
            in.width() + 2 * window.paddingW(),
            window.paddingH(),
            window.paddingW(),
            1,
            1);
    haloBase = halo.isIdentity() ? -1 : context.workspace((long) context.capacity() * halo.size());
    pattern =
        ConvolutionPattern.of(
            window, in.channels(), in.pitch(), halo.width(), out.height(), out.width());
    packed = pattern.forwardWeights(layer.out());
    packedBase = context.workspace(packed.layout().size());
    biasBase = context.workspace(packed.layout().panels() * Kernels.LANES);

    weightGradient =
        new WeightGradient(context, RowSource.PIXELS, pattern.rows(), packed, weight.begin());
    biasGradient = bias == null ? null : new BiasGradient(context, RowSource.PIXELS, bias.begin());

    if (!context.wantsInputGradient(0)) {
      inputGradient = null;
      spread = null;
      spreadBase = -1;
      backPattern = null;
      backPacked = null;
      backPackedBase = -1;
      return;
    }
    inputGradient = context.inputGradient(0);
    int reachH = window.dilationH() * (window.kernelH() - 1);
    int reachW = window.dilationW() * (window.kernelW() - 1);
    spread =
        new Halo(
            outputGradient.layout(),
            in.height() + reachH,
            in.width() + reachW,
            reachH - window.paddingH(),
            reachW - window.paddingW(),
            window.strideH(),
            window.strideW());
    spreadBase = spread.isIdentity() ? -1 : context.workspace((long) threads * spread.size());
    Window back =
        new Window(
            window.kernelH(), window.kernelW(), 1, 1, 0, 0, window.dilationH(), window.dilationW());
    backPattern =
        ConvolutionPattern.of(
            back, out.channels(), out.pitch(), spread.width(), in.height(), in.width());
    backPacked = backPattern.backwardWeights(in.channels());
    backPackedBase = context.workspace(backPacked.layout().size());
  }

  @Override
  public void prepare(Pass pass, int thread) {
    float[] workspace = pass.workspace();
    packShare(packed, packedBase, pass, thread);
    if (inputGradient != null && pass.training()) {
      packShare(backPacked, backPackedBase, pass, thread);
    }
    if (bias != null && thread == 0) {
      System.arraycopy(pass.parameters(), bias.begin(), workspace, biasBase, bias.length());
    }
  }

  private void packShare(PackedWeights matrix, int base, Pass pass, int thread) {
    int panels = matrix.layout().panels();
    matrix.pack(
        pass.parameters(),
        weight.begin(),
        pass.workspace(),
        base,
        Share.begin(panels, thread, threads),
        Share.end(panels, thread, threads));
  }

  @Override
  public void forward(Pass pass, int thread) {
    float[] workspace = pass.workspace();
    float[] x = pass.array(input);
    float[] y = pass.array(output);
    PanelLayout layout = packed.layout();
    int end = Share.end(pass.examples(), thread, threads);
    for (int e = Share.begin(pass.examples(), thread, threads); e < end; e++) {
      float[] a = x;
      int aBase = input.base(e);
      if (haloBase >= 0) {
        a = workspace;
        aBase = haloBase + e * halo.size();
        halo.copy(x, input.base(e), a, aBase);
      }
      kernels.multiply(
          pattern.rows(),
          0,
          pattern.rows().rows(),
          a,
          aBase,
          layout,
          0,
          layout.panels(),
          workspace,
          packedBase,
          bias == null ? null : workspace,
          biasBase,
          y,
          output.base(e),
          output.layout().pitch());
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient != null) {
      backwardToInput(pass, thread);
    }
    if (haloBase >= 0) {
      weightGradient.run(pass, thread, pass.workspace(), haloBase, halo.size());
    } else {
      weightGradient.run(pass, thread, pass.array(input), input.offset(), input.layout().size());
    }
    if (biasGradient != null) {
      biasGradient.run(pass, thread);
    }
  }

  private void backwardToInput(Pass pass, int thread) {
    float[] workspace = pass.workspace();
    float[] gradients = pass.array(outputGradient);
    float[] dx = pass.array(inputGradient);
    PanelLayout layout = backPacked.layout();
    int end = Share.end(pass.examples(), thread, threads);
    for (int e = Share.begin(pass.examples(), thread, threads); e < end; e++) {
      float[] a = gradients;
      int aBase = outputGradient.base(e);
      if (spreadBase >= 0) {
        a = workspace;
        aBase = spreadBase + thread * spread.size();
        spread.copy(gradients, outputGradient.base(e), a, aBase);
      }
      kernels.multiply(
          backPattern.rows(),
          0,
          backPattern.rows().rows(),
          a,
          aBase,
          layout,
          0,
          layout.panels(),
          workspace,
          backPackedBase,
          null,
          0,
          dx,
          inputGradient.base(e),
          inputGradient.layout().pitch());
    }
  }

  @Override
  public boolean examplesAlone(boolean backward) {
    return !backward;
  }
}
