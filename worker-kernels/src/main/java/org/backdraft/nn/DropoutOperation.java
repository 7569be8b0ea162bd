package org.backdraft.nn;

import org.backdraft.kernel.PointwiseKernels;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.ActivationLayout;

/**
 * Dropout, pixel by pixel; element (pixel, c) of an example has the number {@code pixel · channels
 * + c}. The backward pass draws the same mask again.
 */
final class DropoutOperation implements Operation {
  /** Sets the keys of dropout apart from those of other uses of random numbers ("drop"). */
  private static final long KEYS = 0x64726f70L << 32;

  private final PointwiseKernels kernels;
  private final float rate;
  private final long keyOperation;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;

  DropoutOperation(float rate, OperationContext context) {
    this.kernels = context.kernels().pointwise();
    this.rate = rate;
    keyOperation = KEYS + context.number();
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
  }

  @Override
  public void forward(Pass pass, int thread) {
    if (pass.training()) {
      run(pass, thread, input, output);
    } else {
      copy(pass, thread);
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient != null) {
      run(pass, thread, outputGradient, inputGradient);
    }
  }

  private void run(Pass pass, int thread, Slot from, Slot to) {
    long key = CounterRandom.key(pass.seed(), pass.epoch(), keyOperation);
    float[] x = pass.array(from);
    float[] y = pass.array(to);
    ActivationLayout in = from.layout();
    // Without padding lanes an example is one row.
    boolean isDense = in.pitch() == in.channels() && to.layout().pitch() == to.layout().channels();
    int rows = isDense ? 1 : in.pixels();
    int length = isDense ? in.size() : in.channels();
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      for (int row = 0; row < rows; row++) {
        kernels.dropout(
            rate,
            key,
            pass.exampleId(e),
            (long) row * length,
            x,
            from.base(e) + row * in.pitch(),
            y,
            to.base(e) + row * to.layout().pitch(),
            length);
      }
    }
  }

  private void copy(Pass pass, int thread) {
    ActivationLayout in = input.layout();
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      for (int pixel = 0; pixel < in.pixels(); pixel++) {
        System.arraycopy(
            pass.array(input),
            input.base(e) + pixel * in.pitch(),
            pass.array(output),
            output.base(e) + pixel * output.layout().pitch(),
            in.channels());
      }
    }
  }
}
