package org.backdraft.nn;

import org.backdraft.kernel.PointwiseKernels;

/**
 * Multiplies its inputs from left to right; every input gets the output's gradient times the other
 * inputs, likewise from left to right.
 */
final class ProductOperation implements Operation {
  private final PointwiseKernels kernels;
  private final Slot[] inputs;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot[] inputGradients;

  ProductOperation(OperationContext context) {
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
      kernels.multiply(
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
    for (int i = 0; i < inputs.length; i++) {
      if (inputGradients[i] == null) {
        continue;
      }
      Slot gradient = inputGradients[i];
      float[] dx = pass.array(gradient);
      int dxBase = gradient.base(begin);
      Slot left = outputGradient;
      for (int j = 0; j < inputs.length; j++) {
        if (j != i) {
          Slot right = inputs[j];
          kernels.multiply(
              pass.array(left),
              left.base(begin),
              pass.array(right),
              right.base(begin),
              dx,
              dxBase,
              length);
          left = gradient;
        }
      }
    }
  }
}
