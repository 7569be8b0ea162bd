package org.backdraft.nn;

import org.backdraft.kernel.LossKernels;
import org.backdraft.loss.LabelLoss;

/** Copies the output; on the way back gives the auxiliary output its own gradient. */
final class AuxiliaryLossOperation implements Operation {
  private final LossKernels kernels;
  private final float weight;
  private final Slot input;
  private final Slot auxiliary;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;
  private final Slot auxiliaryGradient;

  /** By thread. */
  private final LabelLoss[] losses;

  AuxiliaryLossOperation(float weight, OperationContext context) {
    this.weight = weight;
    kernels = context.kernels().loss();
    input = context.input(0);
    auxiliary = context.input(1);
    output = context.output();
    outputGradient = context.outputGradient();
    inputGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
    auxiliaryGradient = context.wantsInputGradient(1) ? context.inputGradient(1) : null;
    losses = new LabelLoss[context.threads()];
    for (int thread = 0; thread < losses.length; thread++) {
      losses[thread] = new LabelLoss(context.loss(), auxiliary.layout().channels());
    }
  }

  @Override
  public void forward(Pass pass, int thread) {
    copy(pass, thread, input, output);
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (inputGradient != null) {
      copy(pass, thread, outputGradient, inputGradient);
    }
    if (auxiliaryGradient != null) {
      int pixels = auxiliary.layout().pixels();
      int end = pass.end(thread);
      for (int e = pass.begin(thread); e < end; e++) {
        for (int pixel = 0; pixel < pixels; pixel++) {
          learn(pass, thread, e, pixel, e * pixels + pixel);
        }
      }
    }
  }

  private void learn(Pass pass, int thread, int example, int pixel, int at) {
    int classes = auxiliary.layout().channels();
    float[] gradients = pass.array(auxiliaryGradient);
    int base = auxiliaryGradient.base(example) + pixel * auxiliaryGradient.layout().pitch();
    float[] outputs = pass.array(auxiliary);
    int from = auxiliary.base(example) + pixel * auxiliary.layout().pitch();
    LabelLoss loss = losses[thread];
    if (pass.hasTargets()) {
      int targets = pass.targetBase(example);
      loss.evaluate(kernels, outputs, from, pass.targets(), targets, gradients, base);
    } else {
      int other = pass.otherLabel(at);
      float share = pass.labelShare(at);
      loss.evaluate(kernels, outputs, from, pass.label(at), other, share, gradients, base);
    }
    for (int c = 0; c < classes; c++) {
      gradients[base + c] *= weight;
    }
  }

  private static void copy(Pass pass, int thread, Slot from, Slot to) {
    int begin = pass.begin(thread);
    System.arraycopy(
        pass.array(from),
        from.base(begin),
        pass.array(to),
        to.base(begin),
        (pass.end(thread) - begin) * to.layout().size());
  }
}
