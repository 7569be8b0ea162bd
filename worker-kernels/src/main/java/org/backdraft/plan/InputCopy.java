package org.backdraft.plan;

import org.backdraft.nn.Operation;
import org.backdraft.nn.Pass;
import org.backdraft.nn.Slot;

/** Copies the network's dense input into the padded layout that most operations read. */
final class InputCopy implements Operation {
  private final Slot input;
  private final Slot padded;

  InputCopy(Slot input, Slot padded) {
    this.input = input;
    this.padded = padded;
  }

  @Override
  public void forward(Pass pass, int thread) {
    float[] x = pass.array(input);
    float[] y = pass.array(padded);
    int channels = input.layout().channels();
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      for (int pixel = 0; pixel < input.layout().pixels(); pixel++) {
        System.arraycopy(
            x,
            input.base(e) + pixel * input.layout().pitch(),
            y,
            padded.base(e) + pixel * padded.layout().pitch(),
            channels);
      }
    }
  }
}
