package org.backdraft.nn;

import org.backdraft.kernel.PoolingKernels;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.Checks;

/** Max pooling, example by example; the winning taps are kept for the backward pass. */
final class MaxPoolOperation implements Operation {
  private final PoolingKernels kernels;
  private final Window window;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;
  private final int winnersBase;

  MaxPoolOperation(Window window, OperationContext context) {
    this.kernels = context.kernels().pooling();
    this.window = window;
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
    winnersBase = context.winners((long) context.capacity() * output.layout().size());
  }

  /** Refuses a window whose winner does not fit into a short. */
  static void check(Window window, String type) {
    Checks.argument(
        window.taps() <= Short.MAX_VALUE,
        "The window of a %s layer must have at most %d elements: got %s.",
        type,
        Short.MAX_VALUE,
        window);
  }

  @Override
  public void forward(Pass pass, int thread) {
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      kernels.max(
          window,
          input.layout(),
          pass.array(input),
          input.base(e),
          output.layout(),
          pass.array(output),
          output.base(e),
          pass.winners(),
          winnersBase + e * output.layout().size());
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient == null) {
      return;
    }
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      kernels.maxBackward(
          window,
          outputGradient.layout(),
          pass.array(outputGradient),
          outputGradient.base(e),
          pass.winners(),
          winnersBase + e * output.layout().size(),
          inputGradient.layout(),
          pass.array(inputGradient),
          inputGradient.base(e));
    }
  }
}
