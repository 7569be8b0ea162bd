package org.backdraft.nn;

import org.backdraft.tensor.ActivationLayout;

/** Copies between channels-last memory and the logical order of a vector. */
final class FlattenOperation implements Operation {
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;

  FlattenOperation(OperationContext context) {
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
  }

  @Override
  public void forward(Pass pass, int thread) {
    ActivationLayout image = input.layout();
    int pixels = image.pixels();
    float[] x = pass.array(input);
    float[] y = pass.array(output);
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      int from = input.base(e);
      int to = output.base(e);
      if (isContiguous(image)) {
        System.arraycopy(x, from, y, to, pixels * image.channels());
        continue;
      }
      for (int pixel = 0; pixel < pixels; pixel++) {
        for (int c = 0; c < image.channels(); c++) {
          y[to + c * pixels + pixel] = x[from + pixel * image.pitch() + c];
        }
      }
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient == null) {
      return;
    }
    ActivationLayout image = inputGradient.layout();
    int pixels = image.pixels();
    float[] dy = pass.array(outputGradient);
    float[] dx = pass.array(inputGradient);
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      int from = outputGradient.base(e);
      int to = inputGradient.base(e);
      if (isContiguous(image)) {
        System.arraycopy(dy, from, dx, to, pixels * image.channels());
        continue;
      }
      for (int pixel = 0; pixel < pixels; pixel++) {
        for (int c = 0; c < image.channels(); c++) {
          dx[to + pixel * image.pitch() + c] = dy[from + c * pixels + pixel];
        }
      }
    }
  }

  /** One pixel, or one channel without padding lanes: memory already has the logical order. */
  private static boolean isContiguous(ActivationLayout image) {
    return image.pixels() == 1 || (image.channels() == 1 && image.pitch() == 1);
  }
}
