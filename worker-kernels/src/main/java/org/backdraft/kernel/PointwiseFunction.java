package org.backdraft.kernel;

/** The functions of one variable that a layer may apply to each element. */
public enum PointwiseFunction {
  /** {@code x < 0 ? 0 : x}, so that NaN stays NaN; derivative 1 where y > 0, else 0. */
  RELU,
  /** {@code 1 / (1 + e^(−k·x))} with slope k; derivative {@code k · y · (1 − y)}. */
  LOGISTIC,
  /** {@code tanh x}; derivative {@code 1 − y²}. */
  TANH,
  /** {@code x · Φ(x)}, the exact form with the error function (Hendrycks and Gimpel 2016). */
  GELU,
  /** 1 where {@code x >= 0}, else 0 (McCulloch and Pitts 1943); derivative 0 everywhere. */
  STEP,
  /** {@code x < 0 ? k · x : x} with slope k; derivative 1 where {@code x > 0}, else k (PyTorch). */
  LEAKY_RELU,
  /**
   * {@code x · ½ (1 + tanh(√(2/π) (x + 0.044715 x³)))}, the fast form of {@link #GELU} in the same
   * paper, computed as {@code x / (1 + e^(−2 …))}.
   */
  GELU_TANH,
  /**
   * {@code min(max(0, x), 6)} (Krizhevsky 2010, <em>Convolutional deep belief networks on
   * CIFAR-10</em>), NaN stays NaN; derivative 1 where {@code 0 < y < 6}, else 0.
   */
  RELU6;

  /** The bound of {@link #RELU6}. */
  static final float RELU6_MOST = 6;

  /** Whether the slope k means something to the function. */
  public boolean hasSlope() {
    return this == LOGISTIC || this == LEAKY_RELU;
  }
}
