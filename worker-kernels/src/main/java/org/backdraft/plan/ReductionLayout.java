package org.backdraft.plan;

import org.backdraft.nn.Network;

/**
 * What the workers sum in a step, as one flat array: gradient sums at the offsets of the parameter
 * table, then the count-weighted statistics of batch normalisation, then loss, hits, examples,
 * labels, the denominator of the loss, a signal, and whether something is not finite.
 *
 * @param parameters number of parameters
 * @param statistics number of buffer elements that a step updates: for each example-weighted
 *     running value of the buffer table, at the same order and offsets
 */
public record ReductionLayout(int parameters, int statistics) {
  /** Elements from {@link #lossIndex} to the end. */
  static final int SCALARS = 7;

  /** The layout of a network's sums, the same for every plan of it. */
  public static ReductionLayout of(Network network) {
    return new ReductionLayout(network.parameterTable().size(), network.bufferTable().size());
  }

  /** Where the statistics start. */
  public int statisticsBegin() {
    return parameters;
  }

  /** The element that holds the sum of the losses of all examples. */
  public int lossIndex() {
    return parameters + statistics;
  }

  /** The element that counts the labels whose output is the largest. */
  public int correctIndex() {
    return lossIndex() + 1;
  }

  /** The element that counts the examples; exact up to 2^24. */
  public int examplesIndex() {
    return lossIndex() + 2;
  }

  /** The element that counts the labels that are not ignored: pixels, where pixels have them. */
  public int labelsIndex() {
    return lossIndex() + 3;
  }

  /** The element that the sums of the loss and of its gradients are divided by. */
  public int denominatorIndex() {
    return lossIndex() + 4;
  }

  /** The element that holds the sum of {@link Replica#raise signals}. */
  public int signalIndex() {
    return lossIndex() + 5;
  }

  /**
   * The element that is not 0 where sums over all examples are not finite, for whoever sees only a
   * part of them. Passes leave 0 there: what is added is looked at by who adds it.
   */
  public int nonFiniteIndex() {
    return lossIndex() + 6;
  }

  /** The length of the array. */
  public int size() {
    return lossIndex() + SCALARS;
  }
}
