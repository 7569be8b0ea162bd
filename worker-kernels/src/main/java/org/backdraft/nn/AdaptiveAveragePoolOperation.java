package org.backdraft.nn;

import org.backdraft.kernel.AdaptiveAxis;
import org.backdraft.kernel.PoolingKernels;

/** Adaptive average pooling, example by example. */
final class AdaptiveAveragePoolOperation implements Operation {
  private final PoolingKernels kernels;
  private final AdaptiveAxis rows;
  private final AdaptiveAxis columns;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;

  AdaptiveAveragePoolOperation(OperationContext context) {
    this.kernels = context.kernels().pooling();
    input = context.input(0);
    output = context.output();
    rows = new AdaptiveAxis(input.layout().height(), output.layout().height());
    columns = new AdaptiveAxis(input.layout().width(), output.layout().width());
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
  }

  @Override
  public void forward(Pass pass, int thread) {
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      kernels.adaptiveAverage(
          rows,
          columns,
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
      kernels.adaptiveAverageBackward(
          rows,
          columns,
          outputGradient.layout(),
          pass.array(outputGradient),
          outputGradient.base(e),
          inputGradient.layout(),
          pass.array(inputGradient),
          inputGradient.base(e));
    }
  }
}
