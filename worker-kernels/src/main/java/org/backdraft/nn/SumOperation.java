package org.backdraft.nn;

import org.backdraft.kernel.PointwiseKernels;

/** Adds its inputs from left to right; every input gets a copy of the output's gradient. */
final class SumOperation implements Operation {
  private final PointwiseKernels kernels;
  private final Slot[] inputs;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot[] inputGradients;

  SumOperation(OperationContext context) {
    kernels = context.kernels().pointwise();
    inputs = new Slot[context.inputs()];
    inputGradients = new Slot[context.inputs()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = context.input(i);
      inputGradients[i] = context.wantsInputGradient(i) ? context.inputGradient(i) : null;
    }
    output = context.output();
    outputGradient = context.outputGradient();
  }

  @Override
  public void forward(Pass pass, int thread) {
    int begin = pass.begin(thread);
    int length = (pass.end(thread) - begin) * output.layout().size();
    float[] y = pass.array(output);
    int yBase = output.base(begin);
    Slot left = inputs[0];
    for (int i = 1; i < inputs.length; i++) {
      Slot right = inputs[i];
      kernels.add(
          pass.array(left),
          left.base(begin),
          pass.array(right),
          right.base(begin),
          y,
          yBase,
          length);
      left = output;
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    int begin = pass.begin(thread);
    int length = (pass.end(thread) - begin) * output.layout().size();
    for (Slot gradient : inputGradients) {
      if (gradient != null) {
        System.arraycopy(
            pass.array(outputGradient),
            outputGradient.base(begin),
            pass.array(gradient),
            gradient.base(begin),
            length);
      }
    }
  }
}
