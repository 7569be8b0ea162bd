package org.backdraft.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterSpec.Role;
import org.backdraft.tensor.Shape;

/**
 * A 2-D convolution (cross-correlation, as in PyTorch): {@code y[o] = bias[o] + Σ_{ky,kx,c} x[c] at
 * (y·s − p + ky·d, x·s − p + kx·d) · weight[o][c][ky][kx]}, zeros outside of the input.
 *
 * <p>Shapes: input {@code (c, h, w)}, weight {@code (out, c, kernelH, kernelW)}, bias {@code
 * (out)}, output {@code (out, h', w')} by {@link Window#outputHeight}. Each output element is one
 * chain of fused multiply-adds from the bias over ky, kx, then c; padding takes part as +0.
 *
 * @param out output channels, at least 1
 * @param bias whether a bias is added
 */
public record Conv2d(int out, Window window, boolean bias) implements Layer {
  static final String TYPE = "conv2d";

  public Conv2d {
    Checks.argument(out >= 1, "A conv2d layer needs at least 1 output channel: got %d.", out);
  }

  /** A square convolution with a bias, stride 1 and no padding. */
  public static Conv2d of(int out, int kernel) {
    return new Conv2d(out, Window.square(kernel, 1, 0), true);
  }

  /** The same with this padding on all sides. */
  public Conv2d padding(int padding) {
    return new Conv2d(
        out,
        new Window(
            window.kernelH(),
            window.kernelW(),
            window.strideH(),
            window.strideW(),
            padding,
            padding,
            window.dilationH(),
            window.dilationW()),
        bias);
  }

  /** The same with this stride in both directions. */
  public Conv2d stride(int stride) {
    return new Conv2d(
        out,
        new Window(
            window.kernelH(),
            window.kernelW(),
            stride,
            stride,
            window.paddingH(),
            window.paddingW(),
            window.dilationH(),
            window.dilationW()),
        bias);
  }

  /** The same with this dilation in both directions. */
  public Conv2d dilation(int dilation) {
    return new Conv2d(
        out,
        new Window(
            window.kernelH(),
            window.kernelW(),
            window.strideH(),
            window.strideW(),
            window.paddingH(),
            window.paddingW(),
            dilation,
            dilation),
        bias);
  }

  /** The same without a bias, as before a batch normalisation. */
  public Conv2d withoutBias() {
    return new Conv2d(out, window, false);
  }

  static Conv2d read(LayerAttributes attributes) {
    return new Conv2d(
        attributes.integer("out"),
        WindowAttributes.read(attributes, false),
        attributes.flag("bias", true));
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("out", out);
    WindowAttributes.write(window, attributes);
    attributes.put("bias", bias);
    return attributes;
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    return WindowAttributes.output(window, Inputs.image(inputs), out);
  }

  @Override
  public List<ParameterSpec> parameters(List<Shape> inputs) {
    int in = Inputs.image(inputs).dim(0);
    int fanIn = in * window.taps();
    int fanOut = out * window.taps();
    Shape shape = Shape.of(out, in, window.kernelH(), window.kernelW());
    ParameterSpec weight = new ParameterSpec("weight", shape, Role.WEIGHT, fanIn, fanOut);
    return bias
        ? List.of(weight, new ParameterSpec("bias", Shape.of(out), Role.BIAS, fanIn, fanOut))
        : List.of(weight);
  }

  @Override
  public long multiplyAdds(List<Shape> inputs) {
    return (long) outputShape(inputs).elements() * inputs.get(0).dim(0) * window.taps();
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
    Conv2dOperation operation = new Conv2dOperation(this, context);
    return List.of(operation, operation.gradientSums());
  }
}
