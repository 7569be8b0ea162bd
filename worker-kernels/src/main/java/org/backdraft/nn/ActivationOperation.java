package org.backdraft.nn;

import org.backdraft.kernel.PointwiseFunction;
import org.backdraft.kernel.PointwiseKernels;

/** A pointwise function over whole examples, padding lanes included. */
final class ActivationOperation implements Operation {
  private final PointwiseKernels kernels;
  private final PointwiseFunction function;
  private final float slope;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;

  ActivationOperation(Activation layer, OperationContext context) {
    kernels = context.kernels().pointwise();
    function = layer.function();
    slope = layer.slope();
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
  }

  @Override
  public void forward(Pass pass, int thread) {
    int begin = pass.begin(thread);
    int end = pass.end(thread);
    kernels.apply(
        function,
        slope,
        pass.array(input),
        input.base(begin),
        pass.array(output),
        output.base(begin),
        (end - begin) * output.layout().size());
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient == null) {
      return;
    }
    int begin = pass.begin(thread);
    int end = pass.end(thread);
    kernels.applyBackward(
        function,
        slope,
        pass.array(input),
        input.base(begin),
        pass.array(output),
        output.base(begin),
        pass.array(outputGradient),
        outputGradient.base(begin),
        pass.array(inputGradient),
        inputGradient.base(begin),
        (end - begin) * output.layout().size());
  }
}
