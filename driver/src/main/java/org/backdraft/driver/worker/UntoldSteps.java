package org.backdraft.driver.worker;

import java.util.Arrays;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.sync.StepSums;

/**
 * Steps that were done and whose sums are not known yet, in order; what is known of them meanwhile.
 * Grows as needed and is reused; not thread-safe.
 */
final class UntoldSteps {
  private final WorkerControl control;
  private int count;
  private int[] epochs = new int[16];
  private long[] steps = new long[16];
  private int[] examples = new int[16];
  private float[] learningRates = new float[16];
  private long[] nanos = new long[16];

  /**
   * @param control told of each step as soon as its sums are known
   */
  UntoldSteps(WorkerControl control) {
    this.control = control;
  }

  /** Adds a step; see {@link WorkerControl#recordStep}. */
  void add(int epoch, long step, int examples, float learningRate, long nanos) {
    if (count == steps.length) {
      grow();
    }
    epochs[count] = epoch;
    steps[count] = step;
    this.examples[count] = examples;
    learningRates[count] = learningRate;
    this.nanos[count] = nanos;
    count++;
  }

  /** Adds time to the last step, if there is one. */
  void lengthenLast(long moreNanos) {
    if (count > 0) {
      nanos[count - 1] += moreNanos;
    }
  }

  /** Tells of the first steps, whose sums have become known. */
  void tell(StepSums sums) {
    int known = sums.count();
    for (int i = 0; i < known; i++) {
      boolean isSkipped = sums.isNonFinite(i);
      control.recordStep(
          epochs[i],
          steps[i],
          isSkipped ? Double.NaN : sums.loss(i),
          isSkipped ? 0 : sums.denominator(i),
          isSkipped ? 0 : sums.correct(i),
          isSkipped ? 0 : sums.labels(i),
          examples[i],
          learningRates[i],
          nanos[i]);
    }
    count -= known;
    System.arraycopy(epochs, known, epochs, 0, count);
    System.arraycopy(steps, known, steps, 0, count);
    System.arraycopy(examples, known, examples, 0, count);
    System.arraycopy(learningRates, known, learningRates, 0, count);
    System.arraycopy(nanos, known, nanos, 0, count);
  }

  private void grow() {
    int capacity = 2 * steps.length;
    epochs = Arrays.copyOf(epochs, capacity);
    steps = Arrays.copyOf(steps, capacity);
    examples = Arrays.copyOf(examples, capacity);
    learningRates = Arrays.copyOf(learningRates, capacity);
    nanos = Arrays.copyOf(nanos, capacity);
  }
}
