package org.backdraft.nn;

import java.util.List;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.ParameterTable;

/**
 * A convolution over images or volumes; see {@link ConvolutionProduct}. Copies with halos are kept
 * for the backward pass.
 */
final class ConvolutionOperation implements Operation {
  private final ConvolutionProduct product;
  private final Operation gradientSums;

  /** Null where nobody asks for it. */
  private final InputGradient inputGradient;

  /** The operations for such a layer: with a filter for each channel, those of its own. */
  static List<Operation> create(
      int out, Window window, int groups, boolean hasBias, OperationContext context) {
    if (DepthwiseConvolutionOperation.fits(out, groups, context.input(0))) {
      DepthwiseConvolutionOperation operation =
          new DepthwiseConvolutionOperation(window, hasBias, context);
      return List.of(operation, operation.gradientSums());
    }
    return asProducts(window, groups, hasBias, context);
  }

  /** The operations that also run a convolution with a filter for each channel. */
  static List<Operation> asProducts(
      Window window, int groups, boolean hasBias, OperationContext context) {
    ConvolutionOperation operation = new ConvolutionOperation(window, groups, hasBias, context);
    return List.of(operation, operation.gradientSums);
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
    gradientSums =
        groups == 1 && PatchGradient.pays(product.pattern(), context.output().layout().channels())
            ? new PatchGradient(
                context,
                product.pattern(),
                product::patternArray,
                product.patternBase(),
                product.patternSize(),
                window.taps(),
                weight,
                bias)
            : gradientSums(context, groups, weight, bias);
    inputGradient =
        context.wantsInputGradient(0) ? inputGradient(context, window, groups, weight) : null;
  }

  private GradientSums gradientSums(
      OperationContext context,
      int groups,
      ParameterTable.Entry weight,
      ParameterTable.Entry bias) {
    WeightGradient weightGradient =
        new WeightGradient(
            context,
            RowSource.PIXELS,
            product.pattern(),
            product.isPatternPadded(),
            context.outputGradient(),
            product.packedWeights(),
            groups,
            weight.begin());
    BiasGradient biasGradient =
        bias == null ? null : new BiasGradient(context, RowSource.PIXELS, bias.begin());
    return new GradientSums(
        weightGradient,
        biasGradient,
        product::patternArray,
        product.patternBase(),
        product.patternSize());
  }

  private static InputGradient inputGradient(
      OperationContext context, Window window, int groups, ParameterTable.Entry weight) {
    Slot from = context.outputGradient();
    Slot to = context.inputGradient(0);
    return groups == 1 && ColumnGradient.pays(window, to.layout(), from.layout())
        ? new ColumnGradient(context, window, from, to, weight)
        : ConvolutionProduct.transposed(context, window, groups, from, to, weight, null);
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
    inputGradient.run(pass, thread);
  }

  @Override
  public Scope scope(boolean backward) {
    if (backward) {
      return inputGradient == null ? Scope.NOTHING : inputGradient.scope();
    }
    return product.scope();
  }
}
