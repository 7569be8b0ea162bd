package org.backdraft.nn;

import org.backdraft.kernel.Window;
import org.backdraft.tensor.ParameterTable;

/**
 * A convolution over images or volumes; see {@link ConvolutionProduct}. Copies with halos are kept
 * for the backward pass.
 */
final class ConvolutionOperation implements Operation {
  private final ConvolutionProduct product;
  private final WeightGradient weightGradient;

  /** Null without a bias. */
  private final BiasGradient biasGradient;

  /** Null where nobody asks for it. */
  private final ConvolutionProduct inputGradient;

  /** The operation for such a layer: with a filter for each channel, one of its own. */
  static Operation create(
      int out, Window window, int groups, boolean hasBias, OperationContext context) {
    return DepthwiseConvolutionOperation.fits(out, groups, context.input(0))
        ? new DepthwiseConvolutionOperation(window, hasBias, context)
        : new ConvolutionOperation(window, groups, hasBias, context);
  }

  /**
   * @param hasBias whether there is a parameter {@code bias}
   */
  ConvolutionOperation(Window window, int groups, boolean hasBias, OperationContext context) {
    ParameterTable.Entry weight = context.parameter("weight");
    ParameterTable.Entry bias = hasBias ? context.parameter("bias") : null;
    product =
        ConvolutionProduct.forward(
            context, window, groups, context.input(0), context.output(), true, weight, bias);
    weightGradient =
        new WeightGradient(
            context,
            RowSource.PIXELS,
            product.pattern(),
            product.isPatternPadded(),
            context.outputGradient(),
            product.packedWeights(),
            groups,
            weight.begin());
    biasGradient = bias == null ? null : new BiasGradient(context, RowSource.PIXELS, bias.begin());
    inputGradient =
        context.wantsInputGradient(0)
            ? ConvolutionProduct.transposed(
                context,
                window,
                groups,
                context.outputGradient(),
                context.inputGradient(0),
                weight,
                null)
            : null;
  }

  @Override
  public void prepare(Pass pass, int thread) {
    product.prepare(pass, thread);
    if (inputGradient != null && pass.training()) {
      inputGradient.prepare(pass, thread);
    }
  }

  @Override
  public void forward(Pass pass, int thread) {
    product.run(pass, thread);
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient != null) {
      inputGradient.run(pass, thread);
    }
    weightGradient.run(
        pass, thread, product.patternArray(pass), product.patternBase(), product.patternSize());
    if (biasGradient != null) {
      biasGradient.run(pass, thread);
    }
  }

  @Override
  public boolean examplesAlone(boolean backward) {
    return !backward && product.examplesAlone();
  }
}
