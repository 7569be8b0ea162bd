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
  STEP
}
