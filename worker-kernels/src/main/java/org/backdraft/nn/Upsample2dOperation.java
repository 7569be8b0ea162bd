package org.backdraft.nn;

import org.backdraft.kernel.ResizeAxis;
import org.backdraft.kernel.ResizeKernels;
import org.backdraft.tensor.ActivationLayout;

/** Resizing, example by example. */
final class Upsample2dOperation implements Operation {
  private final ResizeKernels kernels;
  private final Upsample2d.Mode mode;
  private final ResizeAxis rows;
  private final ResizeAxis columns;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;

  Upsample2dOperation(Upsample2d.Mode mode, OperationContext context) {
    kernels = context.kernels().resize();
    this.mode = mode;
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
    ActivationLayout from = input.layout();
    ActivationLayout to = output.layout();
    rows = axis(mode, from.height(), to.height());
    columns = axis(mode, from.width(), to.width());
  }

  private static ResizeAxis axis(Upsample2d.Mode mode, int in, int out) {
    return switch (mode) {
      case NEAREST -> ResizeAxis.nearest(in, out);
      case BILINEAR -> ResizeAxis.linear(in, out);
    };
  }

  @Override
  public void forward(Pass pass, int thread) {
    float[] x = pass.array(input);
    float[] y = pass.array(output);
    ActivationLayout from = input.layout();
    ActivationLayout to = output.layout();
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      switch (mode) {
        case NEAREST ->
            kernels.nearest(rows, columns, from, x, input.base(e), to, y, output.base(e));
        case BILINEAR ->
            kernels.linear(rows, columns, from, x, input.base(e), to, y, output.base(e));
      }
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient == null) {
      return;
    }
    float[] dy = pass.array(outputGradient);
    float[] dx = pass.array(inputGradient);
    ActivationLayout from = outputGradient.layout();
    ActivationLayout to = inputGradient.layout();
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      int dyBase = outputGradient.base(e);
      int dxBase = inputGradient.base(e);
      switch (mode) {
        case NEAREST -> kernels.nearestBackward(rows, columns, from, dy, dyBase, to, dx, dxBase);
        case BILINEAR -> kernels.linearBackward(rows, columns, from, dy, dyBase, to, dx, dxBase);
      }
    }
  }
}
