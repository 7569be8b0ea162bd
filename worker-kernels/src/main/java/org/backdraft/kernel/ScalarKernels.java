package org.backdraft.kernel;

/** The readable truth: plain loops, one per element. */
final class ScalarKernels implements Kernels {
  private final MatrixKernels matrix = new ScalarMatrixKernels();
  private final PointwiseKernels pointwise = new ScalarPointwiseKernels();
  private final DepthwiseKernels depthwise = new ScalarDepthwiseKernels();
  private final PoolingKernels pooling = new ScalarPoolingKernels();
  private final NormalizationKernels normalization = new ScalarNormalizationKernels();
  private final ResizeKernels resize = new ScalarResizeKernels();
  private final LayerNormKernels layerNorm = new ScalarLayerNormKernels();
  private final LocalResponseKernels localResponse = new ScalarLocalResponseKernels();
  private final LossKernels loss = new ScalarLossKernels();
  private final UpdateKernels update = new ScalarUpdateKernels();

  @Override
  public String description() {
    return "scalar";
  }

  @Override
  public String tuning() {
    return "";
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
