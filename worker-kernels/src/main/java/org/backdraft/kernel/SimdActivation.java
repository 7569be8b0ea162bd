package org.backdraft.kernel;

/**
 * One {@link PointwiseFunction} over whole vectors. Each function is a class of its own, so that C2
 * compiles it on its own: all of them inlined into one method would be too much for it.
 */
interface SimdActivation {
  /**
   * As {@link PointwiseKernels#apply}.
   *
   * @param length a multiple of {@link SimdSpecies#WIDTH}
   */
  void forward(float slope, float[] x, int xBase, float[] y, int yBase, int length);

  /**
   * As {@link PointwiseKernels#applyBackward}.
   *
   * @param length a multiple of {@link SimdSpecies#WIDTH}
   */
  void backward(
      float slope,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length);
}
