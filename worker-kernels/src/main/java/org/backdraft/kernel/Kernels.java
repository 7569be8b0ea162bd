package org.backdraft.kernel;

import org.backdraft.tensor.ActivationLayout;

/**
 * The arithmetic of training, over {@code float[]} ranges: the only place where numbers are
 * combined.
 *
 * <p>Two implementations exist: the scalar one is the readable truth, the SIMD one is fast. They
 * give <em>the same bits</em>, for every vector width: each output element has one order of
 * operations, written in the method's documentation; products are added by fused multiply-add; sums
 * over lanes run over {@link #LANES} virtual lanes and a fixed tree. Neither allocates. All methods
 * are safe to call from any thread on ranges that do not overlap.
 */
public interface Kernels {
  /** Virtual lanes of every reduction, and the width of a panel of packed weights. */
  int LANES = ActivationLayout.LANES;

  /**
   * Rows of the longest chain of a sum over rows (pixels or examples): longer sums are cut into
   * blocks of this many rows, and block sums are added in order.
   */
  int BLOCK_ROWS = 128;

  /** What runs, for the log: {@code "SIMD, 512 bits"} or {@code "scalar"}. */
  String description();

  /**
   * What was chosen by measurement in this JVM and how fast it is, for the log; the first call may
   * take some seconds. Empty where there is nothing to choose.
   */
  String tuning();

  MatrixKernels matrix();

  PointwiseKernels pointwise();

  DepthwiseKernels depthwise();

  PoolingKernels pooling();

  NormalizationKernels normalization();

  ResizeKernels resize();

  LayerNormKernels layerNorm();

  LocalResponseKernels localResponse();

  LossKernels loss();

  UpdateKernels update();
}
