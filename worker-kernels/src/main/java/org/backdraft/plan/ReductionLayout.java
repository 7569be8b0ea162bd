package org.backdraft.plan;

/**
 * What the workers sum in a step, as one flat array: gradient sums at the offsets of the parameter
 * table, then the count-weighted statistics of batch normalisation, then loss, hits and examples.
 *
 * @param parameters number of parameters
 * @param statistics number of buffer elements that a step updates: for each example-weighted
 *     running value of the buffer table, at the same order and offsets
 */
public record ReductionLayout(int parameters, int statistics) {
  /** Where the statistics start. */
  public int statisticsBegin() {
    return parameters;
  }

  /** The element that holds the sum of the losses of all examples. */
  public int lossIndex() {
    return parameters + statistics;
  }

  /** The element that counts the examples whose largest output is the label's. */
  public int correctIndex() {
    return lossIndex() + 1;
  }

  /** The element that counts the examples; exact up to 2^24. */
  public int examplesIndex() {
    return lossIndex() + 2;
  }

  /** The length of the array. */
  public int size() {
    return lossIndex() + 3;
  }
}
