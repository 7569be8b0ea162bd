package org.backdraft.driver.control;

import java.io.IOException;
import java.util.Arrays;
import org.backdraft.comm.transport.Message;

/**
 * What rank 0 tells about the steps since its last message: one entry of each array for each step.
 * Grows as needed and is reused; not thread-safe.
 */
public final class StepRecords {
  private static final int ENTRY_BYTES = 2 * Integer.BYTES + 2 * Long.BYTES + 5 * Double.BYTES;

  private int count;
  private int[] epochs = new int[256];
  private long[] steps = new long[256];
  private double[] lossSums = new double[256];
  private double[] denominators = new double[256];
  private double[] correct = new double[256];
  private double[] labels = new double[256];
  private int[] examples = new int[256];
  private double[] learningRates = new double[256];
  private long[] nanos = new long[256];

  /**
   * Adds a step.
   *
   * @param epoch from 0
   * @param step from 0
   * @param lossSum over all labels of the global batch; NaN where the step was skipped, and then
   *     the next three are 0
   * @param denominator what it is divided by
   * @param correct hits among the labels
   * @param labels of the global batch: as many as examples, or as their pixels
   * @param examples of the global batch
   * @param nanos since the step before, or since the epoch began
   */
  public void add(
      int epoch,
      long step,
      double lossSum,
      double denominator,
      double correct,
      double labels,
      int examples,
      double learningRate,
      long nanos) {
    if (count == epochs.length) {
      grow();
    }
    epochs[count] = epoch;
    steps[count] = step;
    lossSums[count] = lossSum;
    denominators[count] = denominator;
    this.correct[count] = correct;
    this.labels[count] = labels;
    this.examples[count] = examples;
    learningRates[count] = learningRate;
    this.nanos[count] = nanos;
    count++;
  }

  public void clear() {
    count = 0;
  }

  public int count() {
    return count;
  }

  public int epoch(int i) {
    return epochs[i];
  }

  public long step(int i) {
    return steps[i];
  }

  public double lossSum(int i) {
    return lossSums[i];
  }

  public double denominator(int i) {
    return denominators[i];
  }

  public double correct(int i) {
    return correct[i];
  }

  public double labels(int i) {
    return labels[i];
  }

  public int examples(int i) {
    return examples[i];
  }

  public double learningRate(int i) {
    return learningRates[i];
  }

  public long nanos(int i) {
    return nanos[i];
  }

  Message toMessage() {
    PayloadWriter out = new PayloadWriter(Integer.BYTES + count * ENTRY_BYTES).putInt(count);
    for (int i = 0; i < count; i++) {
      out.putInt(epochs[i])
          .putLong(steps[i])
          .putDouble(lossSums[i])
          .putDouble(denominators[i])
          .putDouble(correct[i])
          .putDouble(labels[i])
          .putInt(examples[i])
          .putDouble(learningRates[i])
          .putLong(nanos[i]);
    }
    return out.message(MessageKind.STEPS, count == 0 ? 0 : steps[count - 1]);
  }

  static StepRecords of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.STEPS, message);
    int count = in.readCount(ENTRY_BYTES);
    StepRecords records = new StepRecords();
    for (int i = 0; i < count; i++) {
      records.add(
          in.readInt(),
          in.readLong(),
          in.readDouble(),
          in.readDouble(),
          in.readDouble(),
          in.readDouble(),
          in.readInt(),
          in.readDouble(),
          in.readLong());
    }
    in.end();
    return records;
  }

  private void grow() {
    int capacity = 2 * epochs.length;
    epochs = Arrays.copyOf(epochs, capacity);
    steps = Arrays.copyOf(steps, capacity);
    lossSums = Arrays.copyOf(lossSums, capacity);
    denominators = Arrays.copyOf(denominators, capacity);
    correct = Arrays.copyOf(correct, capacity);
    labels = Arrays.copyOf(labels, capacity);
    examples = Arrays.copyOf(examples, capacity);
    learningRates = Arrays.copyOf(learningRates, capacity);
    nanos = Arrays.copyOf(nanos, capacity);
  }
}
