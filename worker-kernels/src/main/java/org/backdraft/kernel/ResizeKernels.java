package org.backdraft.kernel;

import org.backdraft.tensor.ActivationLayout;

/**
 * Resizing the images of one example; all loops run over output pixels, with lanes along channels.
 */
public interface ResizeKernels {
  /** {@code y[oy][ox] = x[rows.low(oy)][columns.low(ox)]}. */
  void nearest(
      ResizeAxis rows,
      ResizeAxis columns,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase);

  /** {@code dx = 0}, then each dy is added to its pixel, in order of output pixels. */
  void nearestBackward(
      ResizeAxis rows,
      ResizeAxis columns,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      ActivationLayout input,
      float[] dx,
      int dxBase);

  /**
   * Bilinear interpolation. With the fractions h, w of an output pixel, h′ = 1 − h, w′ = 1 − w and
   * its four neighbours: {@code top = fma(w, x[low][high], w′ · x[low][low])}, bottom likewise with
   * the row high, {@code y = fma(h, bottom, h′ · top)}.
   */
  void linear(
      ResizeAxis rows,
      ResizeAxis columns,
      ActivationLayout input,
      float[] x,
      int xBase,
      ActivationLayout output,
      float[] y,
      int yBase);

  /**
   * {@code dx = 0}, then for each output pixel in order, with {@code t = h′ · dy} and {@code b = h
   * · dy}, in this order: {@code dx[low][low] = fma(w′, t, …)}, {@code dx[low][high] = fma(w, t,
   * …)}, {@code dx[high][low] = fma(w′, b, …)}, {@code dx[high][high] = fma(w, b, …)}.
   */
  void linearBackward(
      ResizeAxis rows,
      ResizeAxis columns,
      ActivationLayout output,
      float[] dy,
      int dyBase,
      ActivationLayout input,
      float[] dx,
      int dxBase);
}
