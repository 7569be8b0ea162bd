package org.backdraft.nn;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.Shape;

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
public record Conv3d(int out, Window window, int groups, boolean bias) implements Layer {
  static final String TYPE = "conv3d";

  public Conv3d {
    settings(out, window, groups, bias);
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

  private static ConvolutionSettings settings(int out, Window window, int groups, boolean bias) {
    return new ConvolutionSettings(TYPE, WindowAttributes.VOLUME, out, window, groups, bias);
  }

  private ConvolutionSettings settings() {
    return settings(out, window, groups, bias);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    return settings().attributes();
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    return WindowAttributes.output(window, settings().input(inputs), out);
  }

  @Override
  public List<ParameterSpec> parameters(List<Shape> inputs) {
    return settings().parameters(inputs.get(0));
  }

  @Override
  public long multiplyAdds(List<Shape> inputs) {
    long terms = (long) inputs.get(0).dim(0) / groups * window.taps();
    return outputShape(inputs).elements() * terms;
  }

  @Override
  public Optional<Window> window(List<Shape> inputs) {
    return Optional.of(window);
  }

  @Override
  public boolean readsDenseInput() {
    return true;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return ConvolutionOperation.create(out, window, groups, bias, context);
  }
}
