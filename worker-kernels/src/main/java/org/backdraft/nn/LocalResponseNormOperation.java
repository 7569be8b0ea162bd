package org.backdraft.nn;

import org.backdraft.kernel.LocalResponse;
import org.backdraft.kernel.LocalResponseKernels;
import org.backdraft.tensor.ActivationLayout;

/** Local response normalisation of all pixels of a thread's examples. */
final class LocalResponseNormOperation implements Operation {
  private final LocalResponseKernels kernels;
  private final LocalResponse settings;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;

  LocalResponseNormOperation(LocalResponse settings, OperationContext context) {
    kernels = context.kernels().localResponse();
    this.settings = settings;
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
  }

  @Override
  public void forward(Pass pass, int thread) {
    int begin = pass.begin(thread);
    int end = pass.end(thread);
    ActivationLayout layout = output.layout();
    kernels.apply(
        settings,
        (end - begin) * layout.pixels(),
        layout.channels(),
        layout.pitch(),
        pass.array(input),
        input.base(begin),
        pass.array(output),
        output.base(begin));
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient == null) {
      return;
    }
    int begin = pass.begin(thread);
    int end = pass.end(thread);
    ActivationLayout layout = output.layout();
    kernels.applyBackward(
        settings,
        (end - begin) * layout.pixels(),
        layout.channels(),
        layout.pitch(),
        pass.array(input),
        input.base(begin),
        pass.array(outputGradient),
        outputGradient.base(begin),
        pass.array(inputGradient),
        inputGradient.base(begin));
  }
}
