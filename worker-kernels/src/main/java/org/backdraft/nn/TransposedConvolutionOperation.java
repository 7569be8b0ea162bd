package org.backdraft.nn;

import java.util.List;
import org.backdraft.kernel.MatrixKernels;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;

/**
 * A transposed convolution over images or volumes: the passes of a convolution from its output to
 * its input, in other roles. See {@link ConvolutionProduct}.
 */
final class TransposedConvolutionOperation implements Operation {
  private final ConvolutionProduct product;
  private final GradientSums gradientSums;

  /** Null where nobody asks for it. */
  private final ConvolutionProduct inputGradient;

  /**
   * @param hasBias whether there is a parameter {@code bias}
   */
  TransposedConvolutionOperation(
      Window window, int groups, boolean hasBias, OperationContext context) {
    ParameterTable.Entry weight = context.parameter("weight");
    ParameterTable.Entry bias = hasBias ? context.parameter("bias") : null;
    Slot outputGradient = context.outputGradient();
    product =
        ConvolutionProduct.transposed(
            context, window, groups, context.input(0), context.output(), weight, bias);
    WeightGradient weightGradient = weightGradient(window, groups, context, weight);
    BiasGradient biasGradient =
        bias == null ? null : new BiasGradient(context, RowSource.PIXELS, bias.begin());
    gradientSums =
        new GradientSums(
            weightGradient,
            biasGradient,
            pass -> pass.array(outputGradient),
            outputGradient.offset(),
            outputGradient.layout().size());
    inputGradient =
        context.wantsInputGradient(0)
            ? ConvolutionProduct.forward(
                context,
                window,
                groups,
                outputGradient,
                context.inputGradient(0),
                false,
                weight,
                null)
            : null;
  }

  /** The operations for such a layer. */
  static List<Operation> create(
      Window window, int groups, boolean hasBias, OperationContext context) {
    TransposedConvolutionOperation operation =
        new TransposedConvolutionOperation(window, groups, hasBias, context);
    return List.of(operation, operation.gradientSums);
  }

  /** Rows are the input's pixels over the output's gradient, which is read in place. */
  private static WeightGradient weightGradient(
      Window window, int groups, OperationContext context, ParameterTable.Entry weight) {
    MatrixKernels kernels = context.kernels().matrix();
    ActivationLayout large = context.output().layout();
    ActivationLayout small = context.input(0).layout();
    ConvolutionRows rows = ConvolutionRows.inPlace(window, large, large.channels() / groups, small);
    PackedWeights packed = rows.forwardWeights(kernels, small.channels() / groups, window.taps());
    return new WeightGradient(
        context,
        RowSource.PIXELS,
        rows.rows(),
        true,
        context.input(0),
        packed,
        groups,
        weight.begin());
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
