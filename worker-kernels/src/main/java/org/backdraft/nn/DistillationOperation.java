package org.backdraft.nn;

import org.backdraft.kernel.LossKernels;
import org.backdraft.loss.LabelLoss;

/** Copies the student's output; on the way back adds what the teacher says to its gradient. */
final class DistillationOperation implements Operation {
  private final LossKernels kernels;
  private final LabelLoss loss;
  private final Distillation settings;
  private final int classes;
  private final Slot student;
  private final Slot teacher;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot studentGradient;

  /** By thread, the scaled outputs of both. */
  private final float[][] wanted;

  private final float[][] given;

  DistillationOperation(Distillation settings, OperationContext context) {
    this.settings = settings;
    kernels = context.kernels().loss();
    student = context.input(0);
    teacher = context.input(1);
    output = context.output();
    outputGradient = context.outputGradient();
    studentGradient = context.wantsInputGradient(0) ? context.inputGradient(0) : null;
    classes = student.layout().channels();
    loss = new LabelLoss(context.loss(), classes);
    wanted = new float[context.threads()][classes];
    given = new float[context.threads()][classes];
  }

  @Override
  public void forward(Pass pass, int thread) {
    int begin = pass.begin(thread);
    System.arraycopy(
        pass.array(student),
        student.base(begin),
        pass.array(output),
        output.base(begin),
        (pass.end(thread) - begin) * output.layout().size());
  }

  @Override
  public void backward(Pass pass, int thread) {
    if (studentGradient == null) {
      return;
    }
    int pixels = student.layout().pixels();
    int end = pass.end(thread);
    for (int e = pass.begin(thread); e < end; e++) {
      for (int pixel = 0; pixel < pixels; pixel++) {
        learn(pass, thread, e, pixel, e * pixels + pixel);
      }
    }
  }

  private void learn(Pass pass, int thread, int example, int pixel, int at) {
    float[] hard = pass.array(outputGradient);
    int hardBase = outputGradient.base(example) + pixel * outputGradient.layout().pitch();
    float[] gradients = pass.array(studentGradient);
    int base = studentGradient.base(example) + pixel * studentGradient.layout().pitch();
    // What the sum of losses is divided by counts for the soft part too.
    float share = loss.denominator(pass.label(at), pass.otherLabel(at), pass.labelShare(at));
    float softWeight = settings.weight() * share * scale(pass, thread, example, pixel);
    float hardWeight = 1 - settings.weight();
    float[] t = wanted[thread];
    float[] s = given[thread];
    for (int c = 0; c < classes; c++) {
      gradients[base + c] = Math.fma(softWeight, s[c] - t[c], hardWeight * hard[hardBase + c]);
    }
  }

  /** Fills both scratch arrays with what is compared; the factor of their difference. */
  private float scale(Pass pass, int thread, int example, int pixel) {
    boolean isSoftmax = settings.match() == Distillation.Match.SOFTMAX;
    float temperature = isSoftmax ? settings.temperature() : 1;
    fill(pass, student, example, pixel, temperature, given[thread]);
    fill(pass, teacher, example, pixel, temperature, wanted[thread]);
    if (isSoftmax) {
      kernels.softmax(given[thread], 0, classes, given[thread], 0);
      kernels.softmax(wanted[thread], 0, classes, wanted[thread], 0);
    }
    return temperature;
  }

  private void fill(Pass pass, Slot slot, int example, int pixel, float divisor, float[] to) {
    float[] from = pass.array(slot);
    int base = slot.base(example) + pixel * slot.layout().pitch();
    for (int c = 0; c < classes; c++) {
      to[c] = from[base + c] / divisor;
    }
  }
}
