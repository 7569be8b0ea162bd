package org.backdraft.kernel;

/**
 * Work on each element alone, over contiguous ranges; padding lanes are treated like any other
 * element.
 */
public interface PointwiseKernels {
  /**
   * {@code y[i] = f(x[i])}; x and y may be the same range.
   *
   * @param slope the k of functions that have one; ignored by the others
   */
  void apply(
      PointwiseFunction function,
      float slope,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      int length);

  /**
   * {@code dx[i] = f'(x[i]) · dy[i]}, where y = f(x) of the forward pass; dx may be dy's range.
   * Functions whose derivative follows from y do not read x.
   */
  void applyBackward(
      PointwiseFunction function,
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

  /** {@code y[i] = a[i] + b[i]}; y may be the range of a or b. */
  void add(float[] a, int aBase, float[] b, int bBase, float[] y, int yBase, int length);

  /** {@code y[i] = a[i] · b[i]}; y may be the range of a or b. */
  void multiply(float[] a, int aBase, float[] b, int bBase, float[] y, int yBase, int length);

  /**
   * Softplus (Dugas et al. 2001): {@code y = log(1 + e^z) / beta} with {@code z = beta · x}, where
   * z lies beyond min(threshold, 80) simply x.
   *
   * @param beta above 0
   */
  void softplus(
      float beta, float threshold, float[] x, int xBase, float[] y, int yBase, int length);

  /**
   * {@code dx = e^z / (e^z + 1) · dy}, or dy where {@link #softplus} is x; dx may be dy's range.
   */
  void softplusBackward(
      float beta,
      float threshold,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length);

  /**
   * Dropout (Srivastava et al. 2014), inverted: {@code y[c] = keep(first + c) ? x[c] / (1 − rate) :
   * 0} for c in {@code [0, length)}; the same call with dy for x is its backward pass. Element e is
   * kept when the e-th number of {@link org.backdraft.random.CounterRandom#uniform}(key, stream, e)
   * is at least {@code rate}, so that the mask depends on (seed, epoch, example, layer) alone.
   *
   * @param key see {@link org.backdraft.random.CounterRandom#key}
   * @param stream the example's id
   * @param first logical index of the first element within its example
   */
  void dropout(
      float rate,
      long key,
      long stream,
      long first,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      int length);

  /**
   * Pixels to floats: {@code y[i] = fma(toUnsigned(bytes[i]), scale, shift)}.
   *
   * @param bytes unsigned values 0 … 255
   */
  void decode(
      byte[] bytes, int bytesBase, float scale, float shift, float[] y, int yBase, int length);
}
