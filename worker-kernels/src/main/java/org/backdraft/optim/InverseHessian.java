package org.backdraft.optim;

/**
 * What a quasi-Newton method knows of the inverse of the matrix of second derivatives. Workers that
 * learn the same know the same, to the last bit. Used by one thread.
 */
public interface InverseHessian {
  /** Minus the gradient times the matrix. */
  float[] direction(float[] gradient);

  /**
   * Learns from a step.
   *
   * @param s change of the weights; kept
   * @param y change of the gradient; kept
   * @param curvature {@code y · s}, above 0
   */
  void learn(float[] s, float[] y, double curvature);

  /** All that it knows, in {@link SearchRule#hessianArrays} arrays: views of its own. */
  float[][] saved();

  /**
   * Knows what another one had {@link #saved}, and nothing else.
   *
   * @param saved taken hold of
   */
  void restore(float[][] saved);
}
