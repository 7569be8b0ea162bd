package org.backdraft.kernel;

/**
 * The loss of one vector of outputs (that of an example, or of a pixel) and its gradient with
 * respect to them. Sums over outputs run over 16 virtual lanes (output j in lane j mod 16) and a
 * fixed tree, each lane a chain that starts with 0. Where {@code dx} is written, it may be x's
 * range; it is null where no gradient is wanted.
 */
public interface LossKernels {
  /**
   * Softmax cross-entropy: {@code loss = weight · (log Σ_j e^(x_j − max) − (x_label − max))} and
   * {@code dx_j = (softmax_j − [j = label]) · weight}. The logarithm is {@link StrictMath#log} in
   * double.
   *
   * @param label in [0, classes)
   * @return the loss; not finite if x holds NaN or +∞, or −∞ at the label (−∞ elsewhere is a class
   *     of probability 0)
   */
  float softmaxCrossEntropy(
      float[] x, int xBase, int classes, int label, float weight, float[] dx, int dxBase);

  /**
   * Softmax cross-entropy with a target for each class: {@code loss = T · log Σ_j e^(x_j − max) −
   * Σ_j target_j · (x_j − max)} and {@code dx_j = T · softmax_j − target_j}, where {@code T = Σ_j
   * target_j}.
   *
   * @return the loss; not finite if x holds NaN or an infinity
   */
  float softCrossEntropy(
      float[] x, int xBase, float[] target, int targetBase, int classes, float[] dx, int dxBase);

  /** {@code y = softmax(x)}, as in {@link #softmaxCrossEntropy}; y may be x's range. */
  void softmax(float[] x, int xBase, int classes, float[] y, int yBase);

  /**
   * The squared error of the lecture, {@code ½ Σ_j (x_j − target_j)²}, and {@code dx_j = x_j −
   * target_j}.
   */
  float squaredError(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase);

  /** {@code Σ_j |x_j − target_j|}, and the sign of the difference, 0 where it is 0. */
  float absoluteError(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase);

  /**
   * Huber's loss (1964): with {@code d = |x_j − target_j|} and {@code c = min(d, delta)} {@code Σ_j
   * c · (d − c/2)}: half the square near the target, linear beyond {@code delta}; the gradient is
   * the difference, cut to {@code [−delta, delta]}.
   *
   * @param delta above 0
   */
  float huber(
      float[] x,
      int xBase,
      float[] target,
      int targetBase,
      int length,
      float delta,
      float[] dx,
      int dxBase);

  /**
   * Binary cross-entropy of logistic outputs: {@code Σ_j max(x_j, 0) − target_j · x_j + log(1 +
   * e^(−|x_j|))} and {@code dx_j = 1 / (1 + e^(−x_j)) − target_j}. The logarithms are one, of a
   * product in double, for each 512 outputs.
   *
   * @param target in [0, 1]
   */
  float binaryCrossEntropy(
      float[] x, int xBase, float[] target, int targetBase, int length, float[] dx, int dxBase);

  /**
   * The hinge loss of Crammer and Singer's form summed over classes (Weston and Watkins 1999):
   * {@code Σ_j≠label max(0, x_j + (margin − x_label))}; {@code dx_j} is 1 where the summand is
   * above 0, and minus their number at the label.
   *
   * @param label in [0, classes)
   * @param margin above 0
   */
  float multiMargin(
      float[] x, int xBase, int classes, int label, float margin, float[] dx, int dxBase);
}
