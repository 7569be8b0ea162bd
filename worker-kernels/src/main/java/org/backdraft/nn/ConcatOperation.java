package org.backdraft.nn;

/** Copies channels side by side, pixel by pixel, and gradients back. */
final class ConcatOperation implements Operation {
  private final Slot[] inputs;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot[] inputGradients;

  ConcatOperation(OperationContext context) {
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
    int channel = 0;
    for (Slot input : inputs) {
      copy(pass, thread, input, 0, output, channel, input.layout().channels());
      channel += input.layout().channels();
    }
  }

  @Override
  public void backward(Pass pass, int thread) {
    int channel = 0;
    for (int i = 0; i < inputs.length; i++) {
      int channels = inputs[i].layout().channels();
      if (inputGradients[i] != null) {
        copy(pass, thread, outputGradient, channel, inputGradients[i], 0, channels);
      }
      channel += channels;
    }
  }

  private void copy(
      Pass pass, int thread, Slot from, int fromChannel, Slot to, int toChannel, int channels) {
    float[] source = pass.array(from);
    float[] target = pass.array(to);
    int fromPitch = from.layout().pitch();
    int toPitch = to.layout().pitch();
    int pixels = from.layout().pixels();
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      int fromBase = from.base(e) + fromChannel;
      int toBase = to.base(e) + toChannel;
      for (int pixel = 0; pixel < pixels; pixel++) {
        System.arraycopy(
            source, fromBase + pixel * fromPitch, target, toBase + pixel * toPitch, channels);
      }
    }
  }
}
