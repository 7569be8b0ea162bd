package org.backdraft.plan;

import java.util.Arrays;
import java.util.Locale;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Checks;

/**
 * The examples that one worker holds of one global batch, in the network's input layout; reused
 * from step to step. Not thread-safe: one thread fills it, hands it over, and another reads it.
 */
public final class Batch implements LocalBatch {
  private final ActivationLayout layout;
  private final float[] inputs;
  private final int labelsPerExample;
  private final int[] labels;
  private final int[] otherLabels;
  private final float[] shares;
  private final int targetsPerExample;
  private final float[] targets;
  private final long[] exampleIds;
  private int size;
  private int globalSize;
  private int begin;
  private boolean isMixed;

  /**
   * @param layout of the network's input
   * @param capacity the most examples it ever holds
   */
  public Batch(ActivationLayout layout, int capacity) {
    this(layout, capacity, 1);
  }

  /**
   * @param layout of the network's input
   * @param capacity the most examples it ever holds
   * @param labelsPerExample 1, or the pixels of the network's output where each has a label
   */
  public Batch(ActivationLayout layout, int capacity, int labelsPerExample) {
    this(layout, capacity, labelsPerExample, 0);
  }

  /**
   * @param layout of the network's input
   * @param capacity the most examples it ever holds
   * @param labelsPerExample 1, or the pixels of the network's output where each has a label
   * @param targetsPerExample as many as the network has outputs, for a loss that compares numbers;
   *     0 for labels
   */
  public Batch(ActivationLayout layout, int capacity, int labelsPerExample, int targetsPerExample) {
    this.layout = layout;
    this.labelsPerExample = labelsPerExample;
    this.targetsPerExample = targetsPerExample;
    Checks.argument(
        (long) capacity * Math.max(layout.size(), Math.max(labelsPerExample, targetsPerExample))
            <= Integer.MAX_VALUE - 64,
        "A local batch must have at most 2^31 elements: %d examples of %s.",
        capacity,
        layout.shape());
    inputs = new float[capacity * layout.size()];
    labels = new int[capacity * labelsPerExample];
    otherLabels = new int[labelsPerExample == 1 ? capacity : 0];
    shares = new float[otherLabels.length];
    targets = new float[capacity * targetsPerExample];
    exampleIds = new long[capacity];
  }

  /**
   * Starts a new filling with {@code size} local examples of a global batch of {@code globalSize}.
   */
  public void reset(int size, int globalSize) {
    reset(size, globalSize, 0);
  }

  /**
   * Likewise with some of the worker's examples.
   *
   * @param begin of the worker's examples the first that this holds, from 0
   */
  public void reset(int size, int globalSize, int begin) {
    if (size < 0 || size > exampleIds.length || size > globalSize) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A batch of capacity %d cannot hold %d of %d examples.",
              exampleIds.length,
              size,
              globalSize));
    }
    this.size = size;
    this.globalSize = globalSize;
    this.begin = begin;
    isMixed = false;
  }

  /** How one example lies in {@link #inputs}. */
  public ActivationLayout layout() {
    return layout;
  }

  /** Example i starts at {@code i · layout().size()}. */
  public float[] inputs() {
    return inputs;
  }

  /** Labels of an example: 1, or one for each pixel of the network's output, row by row. */
  public int labelsPerExample() {
    return labelsPerExample;
  }

  /** The classes, {@link #labelsPerExample} for each example. */
  public int[] labels() {
    return labels;
  }

  /**
   * Says that an example has become a mixture of two; until the next filling.
   *
   * @param otherLabel the class of the second
   * @param share of the first in what is learned from the example, in [0, 1]
   * @throws IllegalStateException unless examples have one label each
   */
  public void mix(int example, int otherLabel, float share) {
    Checks.state(
        labelsPerExample == 1 && targetsPerExample == 0,
        "Only examples with one label each can be mixed: these have %d labels and %d targets.",
        labelsPerExample,
        targetsPerExample);
    if (!isMixed) {
      System.arraycopy(labels, 0, otherLabels, 0, size);
      Arrays.fill(shares, 0, size, 1);
      isMixed = true;
    }
    otherLabels[example] = otherLabel;
    shares[example] = share;
  }

  /** Whether an example is a mixture of two. */
  public boolean isMixed() {
    return isMixed;
  }

  /** The second label of each example, if {@link #isMixed}; the first again where there is none. */
  public int[] otherLabels() {
    return otherLabels;
  }

  /** The share of each example's first label, if {@link #isMixed}; 1 where there is no second. */
  public float[] shares() {
    return shares;
  }

  /** Numbers that each example's outputs are compared with; 0 where labels are. */
  public int targetsPerExample() {
    return targetsPerExample;
  }

  /** The numbers, {@link #targetsPerExample} for each example. */
  public float[] targets() {
    return targets;
  }

  /** The id of each example, which random numbers depend on. */
  public long[] exampleIds() {
    return exampleIds;
  }

  public int capacity() {
    return exampleIds.length;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int globalSize() {
    return globalSize;
  }

  /** Of the worker's examples of the global batch the first that this holds, from 0. */
  public int begin() {
    return begin;
  }

  /** This, whatever the piece: all of them are in it. */
  @Override
  public Batch piece(int number) {
    return this;
  }
}
