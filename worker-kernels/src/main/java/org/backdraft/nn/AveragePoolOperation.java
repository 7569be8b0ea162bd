package org.backdraft.nn;

import org.backdraft.kernel.PoolingKernels;
import org.backdraft.kernel.Window;

/** Average pooling, example by example. */
final class AveragePoolOperation implements Operation {
  private final PoolingKernels kernels;
  private final Window window;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;

  AveragePoolOperation(Window window, OperationContext context) {
    this.kernels = context.kernels().pooling();
    this.window = window;
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
  }

  @Override
  public void forward(Pass pass, int thread) {
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      kernels.average(
          window,
          input.layout(),
          pass.array(input),
          input.base(e),
          output.layout(),
          pass.array(output),
          output.base(e));
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient == null) {
      return;
    }
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      kernels.averageBackward(
          window,
          outputGradient.layout(),
          pass.array(outputGradient),
          outputGradient.base(e),
          inputGradient.layout(),
          pass.array(inputGradient),
          inputGradient.base(e));
    }
  }
}
