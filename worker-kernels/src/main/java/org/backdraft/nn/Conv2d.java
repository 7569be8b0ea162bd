package org.backdraft.nn;

import org.backdraft.kernel.Window;

/**
 * A 2-D convolution (cross-correlation, as in PyTorch): {@code y[o] = bias[o] + Σ_{ky,kx,c} x[c] at
 * (y·s − p + ky·d, x·s − p + kx·d) · weight[o][c][ky][kx]}, zeros outside of the input.
 *
 * <p>With groups, output channels are cut into so many equal runs, input channels likewise, and c
 * runs over the channels of o's group.
 *
 * <p>Shapes: input {@code (c, h, w)}, weight {@code (out, c / groups, kernelH, kernelW)}, bias
 * {@code (out)}, output {@code (out, h', w')} by {@link org.backdraft.kernel.WindowAxis#outputs}.
 *
 * <p>Each output element is one chain of fused multiply-adds from the bias over ky, kx, then c;
 * padding takes part as +0. Each element of the input's gradient is a chain from +0 over the taps
 * that reach it, the last one first, then the output channels of its group; a weight's gradient one
 * over pixels, see {@link WeightGradient}.
 *
 * @param out output channels, at least 1
 * @param groups at least 1, a divisor of {@code out} and of the input's channels
 * @param bias whether a bias is added
 */
public record Conv2d(int out, Window window, int groups, boolean bias) implements ConvolutionLayer {
  static final String TYPE = "conv2d";

  public Conv2d {
    ConvolutionSettings.check(TYPE, WindowAttributes.IMAGE, out, window, groups, bias);
  }

  /** With one group. */
  public Conv2d(int out, Window window, boolean bias) {
    this(out, window, 1, bias);
  }

  /** A square convolution with a bias, stride 1 and no padding. */
  public static Conv2d of(int out, int kernel) {
    return new Conv2d(out, Window.square(kernel, 1, 0), true);
  }

  /** The same with this padding on all sides. */
  public Conv2d padding(int padding) {
    return with(window.withImageAxes(axis -> axis.withPadding(padding)));
  }

  /** The same with this stride in both directions. */
  public Conv2d stride(int stride) {
    return with(window.withImageAxes(axis -> axis.withStride(stride)));
  }

  /** The same with this dilation in both directions. */
  public Conv2d dilation(int dilation) {
    return with(window.withImageAxes(axis -> axis.withDilation(dilation)));
  }

  private Conv2d with(Window changed) {
    return new Conv2d(out, changed, groups, bias);
  }

  /** The same with so many groups of channels. */
  public Conv2d groups(int count) {
    return new Conv2d(out, window, count, bias);
  }

  /** The same without a bias, as before a batch normalisation. */
  public Conv2d withoutBias() {
    return new Conv2d(out, window, groups, false);
  }

  static Conv2d read(LayerAttributes attributes) {
    ConvolutionSettings read = ConvolutionSettings.read(TYPE, WindowAttributes.IMAGE, attributes);
    return new Conv2d(read.out(), read.window(), read.groups(), read.bias());
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public int axes() {
    return WindowAttributes.IMAGE;
  }
}
