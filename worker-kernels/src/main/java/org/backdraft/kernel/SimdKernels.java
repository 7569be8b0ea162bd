package org.backdraft.kernel;

import org.backdraft.kernel.tile.TileSet;

/** The fast twin of {@link ScalarKernels}, on the Vector API. */
final class SimdKernels implements Kernels {
  private final MatrixKernels matrix = new SimdMatrixKernels();
  private final PointwiseKernels pointwise = new SimdPointwiseKernels();
  private final DepthwiseKernels depthwise = new SimdDepthwiseKernels();
  private final PoolingKernels pooling = new SimdPoolingKernels();
  private final NormalizationKernels normalization = new SimdNormalizationKernels();
  private final ResizeKernels resize = new SimdResizeKernels();
  private final LayerNormKernels layerNorm = new SimdLayerNormKernels();
  private final LocalResponseKernels localResponse = new SimdLocalResponseKernels();
  private final LossKernels loss = new SimdLossKernels();
  private final UpdateKernels update = new SimdUpdateKernels();

  @Override
  public String description() {
    return "SIMD, " + SimdSpecies.BITS + " bits";
  }

  @Override
  public String tuning() {
    return TileSet.of(SimdSpecies.BITS).description();
  }

  @Override
  public MatrixKernels matrix() {
    return matrix;
  }

  @Override
  public PointwiseKernels pointwise() {
    return pointwise;
  }

  @Override
  public DepthwiseKernels depthwise() {
    return depthwise;
  }

  @Override
  public PoolingKernels pooling() {
    return pooling;
  }

  @Override
  public NormalizationKernels normalization() {
    return normalization;
  }

  @Override
  public ResizeKernels resize() {
    return resize;
  }

  @Override
  public LayerNormKernels layerNorm() {
    return layerNorm;
  }

  @Override
  public LocalResponseKernels localResponse() {
    return localResponse;
  }

  @Override
  public LossKernels loss() {
    return loss;
  }

  @Override
  public UpdateKernels update() {
    return update;
  }
}
