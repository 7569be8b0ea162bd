package org.backdraft.nn;

import org.backdraft.kernel.Window;

/**
 * A 3-D convolution (cross-correlation, as in PyTorch): {@link Conv2d} with a third axis, the
 * depth, which is the outermost.
 *
 * <p>Shapes: input {@code (c, d, h, w)}, weight {@code (out, c / groups, kernelD, kernelH,
 * kernelW)}, bias {@code (out)}, output {@code (out, d', h', w')} by {@link
 * org.backdraft.kernel.WindowAxis#outputs}. Each output element is one chain of fused multiply-adds
 * from the bias over kz, ky, kx, then the channels of its group; the gradients likewise.
 *
 * @param out output channels, at least 1
 * @param groups at least 1, a divisor of {@code out} and of the input's channels
 * @param bias whether a bias is added
 */
public record Conv3d(int out, Window window, int groups, boolean bias) implements ConvolutionLayer {
  static final String TYPE = "conv3d";

  public Conv3d {
    ConvolutionSettings.check(TYPE, WindowAttributes.VOLUME, out, window, groups, bias);
  }

  /** With one group. */
  public Conv3d(int out, Window window, boolean bias) {
    this(out, window, 1, bias);
  }

  /** A cubic convolution with a bias, stride 1 and no padding. */
  public static Conv3d of(int out, int kernel) {
    return new Conv3d(out, Window.cube(kernel, 1, 0), true);
  }

  /** The same with this padding on all sides. */
  public Conv3d padding(int padding) {
    return with(window.withAxes(axis -> axis.withPadding(padding)));
  }

  /** The same with this stride along all axes. */
  public Conv3d stride(int stride) {
    return with(window.withAxes(axis -> axis.withStride(stride)));
  }

  /** The same with this dilation along all axes. */
  public Conv3d dilation(int dilation) {
    return with(window.withAxes(axis -> axis.withDilation(dilation)));
  }

  private Conv3d with(Window changed) {
    return new Conv3d(out, changed, groups, bias);
  }

  /** The same with so many groups of channels. */
  public Conv3d groups(int count) {
    return new Conv3d(out, window, count, bias);
  }

  /** The same without a bias, as before a batch normalisation. */
  public Conv3d withoutBias() {
    return new Conv3d(out, window, groups, false);
  }

  static Conv3d read(LayerAttributes attributes) {
    ConvolutionSettings read = ConvolutionSettings.read(TYPE, WindowAttributes.VOLUME, attributes);
    return new Conv3d(read.out(), read.window(), read.groups(), read.bias());
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public int axes() {
    return WindowAttributes.VOLUME;
  }
}
