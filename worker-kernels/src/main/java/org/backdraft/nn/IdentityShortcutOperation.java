package org.backdraft.nn;

import java.util.Arrays;
import org.backdraft.tensor.ActivationLayout;

/** Copies every so many pixels with zeros behind them, and gradients back to these pixels. */
final class IdentityShortcutOperation implements Operation {
  private final int stride;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;

  IdentityShortcutOperation(int stride, OperationContext context) {
    this.stride = stride;
    input = context.input(0);
    output = context.output();
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
  }

  @Override
  public void forward(Pass pass, int thread) {
    float[] from = pass.array(input);
    float[] to = pass.array(output);
    int channels = input.layout().channels();
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      for (int y = 0; y < output.layout().height(); y++) {
        for (int x = 0; x < output.layout().width(); x++) {
          int at = output.base(e) + output.layout().index(0, y, x);
          System.arraycopy(from, sampled(input, e, y, x), to, at, channels);
          Arrays.fill(to, at + channels, at + output.layout().channels(), 0);
        }
      }
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient == null) {
      return;
    }
    float[] from = pass.array(outputGradient);
    float[] to = pass.array(inputGradient);
    ActivationLayout layout = outputGradient.layout();
    int channels = inputGradient.layout().channels();
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      int base = inputGradient.base(e);
      Arrays.fill(to, base, base + inputGradient.layout().size(), 0);
      for (int y = 0; y < layout.height(); y++) {
        for (int x = 0; x < layout.width(); x++) {
          int at = outputGradient.base(e) + layout.index(0, y, x);
          System.arraycopy(from, at, to, sampled(inputGradient, e, y, x), channels);
        }
      }
    }
  }

  /** Where the pixel of the input begins that pixel (y, x) of the output is a copy of. */
  private int sampled(Slot slot, int example, int y, int x) {
    return slot.base(example) + slot.layout().index(0, y * stride, x * stride);
  }
}
