package org.backdraft.loss;

import org.backdraft.kernel.LossKernels;

/** What training minimises: the mean over the global batch of a loss of each example. */
public enum Loss {
  /** Softmax and cross-entropy of the label's class. */
  SOFTMAX_CROSS_ENTROPY("softmax-cross-entropy"),
  /** The lecture's ½ Σ (output − target)², the target being the label's one-hot vector. */
  SQUARED_ERROR("squared-error");

  private final String configName;

  Loss(String configName) {
    this.configName = configName;
  }

  /** The name in configuration. */
  public String configName() {
    return configName;
  }

  /**
   * The loss of one example and its gradient.
   *
   * @param oneHot scratch of at least {@code classes} elements, all 0 before and after
   * @param dx null where no gradient is wanted
   */
  public float evaluate(
      LossKernels kernels,
      float[] x,
      int xBase,
      int classes,
      int label,
      float[] oneHot,
      float[] dx,
      int dxBase) {
    return switch (this) {
      case SOFTMAX_CROSS_ENTROPY ->
          kernels.softmaxCrossEntropy(x, xBase, classes, label, dx, dxBase);
      case SQUARED_ERROR -> {
        oneHot[label] = 1;
        float loss = kernels.squaredError(x, xBase, oneHot, 0, classes, dx, dxBase);
        oneHot[label] = 0;
        yield loss;
      }
    };
  }
}
