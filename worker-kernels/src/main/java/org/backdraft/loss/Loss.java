package org.backdraft.loss;

import java.io.Serializable;
import org.backdraft.kernel.LossKernels;
import org.backdraft.tensor.Shape;

/**
 * What training minimises: a sum over the labels of the global batch, divided by a sum of
 * denominators. Immutable.
 *
 * <p>A label belongs to an example or, where the loss takes outputs {@code (classes, h, w)}, to a
 * pixel. Numerators and denominators are added separately and divided once, at the end, so that no
 * cut of a batch decides a bit: the quotient is what PyTorch calls {@code reduction='mean'}.
 *
 * <p>A {@link TargetLoss} compares outputs with numbers; of a label it takes the one-hot vector.
 * {@link HeadLosses} are several losses, each of some of the outputs.
 */
public sealed interface Loss extends Serializable
    permits HeadLosses, Hinge, SoftmaxCrossEntropy, TargetLoss {
  /** Softmax and cross-entropy of the label's class, all classes alike. */
  Loss SOFTMAX_CROSS_ENTROPY = SoftmaxCrossEntropy.plain();

  /** The lecture's half squared distance. */
  Loss SQUARED_ERROR = new SquaredError();

  /** The name in configuration. */
  String configName();

  /**
   * Checks that a network's output is what this loss takes.
   *
   * @param network its name, for the message
   * @throws IllegalArgumentException if not
   */
  void check(String network, Shape output);

  /**
   * Whether it compares a vector of outputs with numbers, which examples have instead of labels.
   *
   * @param targets numbers of an example, at least 1
   */
  default boolean takesTargets(int targets, int outputs) {
    return false;
  }

  /** Whether a label that is no class counts for nothing here. */
  boolean ignores(int label);

  /**
   * Scratch that {@link #evaluate} wants, one for each thread; between calls it holds what it holds
   * now.
   */
  float[] newTarget(int classes);

  /**
   * The loss of one label, not yet divided, and its gradient.
   *
   * @param label in [0, classes), not one that {@link #ignores} is true of
   * @param target of {@link #newTarget}
   * @param dx null where no gradient is wanted
   */
  float evaluate(
      LossKernels kernels,
      float[] x,
      int xBase,
      int classes,
      int label,
      float[] target,
      float[] dx,
      int dxBase);

  /** What the label adds to the denominator; at least 0. */
  float denominator(int label, int classes);
}
