package org.backdraft.kernel;

/** The loss of one example and its gradient with respect to the network's output. */
public interface LossKernels {
  /**
   * Softmax cross-entropy: {@code loss = log Σ_j e^(x_j − max) − (x_label − max)} and {@code dx_j =
   * softmax_j − [j = label]}. The sum of exponentials runs over 16 virtual lanes (class j in lane j
   * mod 16) and a fixed tree; the logarithm is {@link StrictMath#log} in double.
   *
   * @param label in [0, classes)
   * @param dx may be x's range; null where no gradient is wanted
   * @return the loss; not finite if x holds NaN or +∞, or −∞ at the label (−∞ elsewhere is a class
   *     of probability 0)
   */
  float softmaxCrossEntropy(float[] x, int xBase, int classes, int label, float[] dx, int dxBase);

  /** {@code y = softmax(x)}, as in {@link #softmaxCrossEntropy}; y may be x's range. */
  void softmax(float[] x, int xBase, int classes, float[] y, int yBase);

  /**
   * The squared error of the lecture, {@code ½ Σ_j (x_j − target_j)²}, and {@code dx_j = x_j −
   * target_j}; the sum as in {@link #softmaxCrossEntropy}.
   *
   * @param dx may be x's range; null where no gradient is wanted
   */
  float squaredError(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase);
}
