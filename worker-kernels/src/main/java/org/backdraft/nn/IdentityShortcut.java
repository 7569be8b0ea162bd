package org.backdraft.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * A shortcut past layers that halve an image and widen it, without parameters: every {@code
 * stride}-th pixel of every {@code stride}-th row, and channels of zeros behind those of the input
 * (option A of He et al. 2016, <em>Deep residual learning for image recognition</em>, section 3.3).
 *
 * <p>Shapes: input {@code (c, h, w)}, output {@code (out, ⌈h / stride⌉, ⌈w / stride⌉)}.
 *
 * @param out channels of the output, at least those of the input
 * @param stride at least 1
 */
public record IdentityShortcut(int out, int stride) implements Layer {
  static final String TYPE = "identity_shortcut";

  public IdentityShortcut {
    Checks.argument(out >= 1, "An identity_shortcut needs at least 1 channel: got %d.", out);
    Checks.argument(
        stride >= 1, "The stride of an identity_shortcut must be at least 1: got %d.", stride);
  }

  static IdentityShortcut read(LayerAttributes attributes) {
    return new IdentityShortcut(attributes.integer("out"), attributes.integer("stride", 1));
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("out", out);
    attributes.put("stride", stride);
    return attributes;
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    Shape input = Inputs.image(inputs);
    Inputs.require(
        input.dim(0) <= out,
        "must have at most the %d channels of the output: got %s.",
        out,
        inputs);
    return Shape.of(out, (input.dim(1) - 1) / stride + 1, (input.dim(2) - 1) / stride + 1);
  }

  @Override
  public Optional<Window> window(List<Shape> inputs) {
    return Optional.of(Window.square(1, stride, 0));
  }

  @Override
  public boolean makesNewValues() {
    return false;
  }

  @Override
  public boolean readsDenseInput() {
    return true;
  }

  @Override
  public boolean rereadsOutput() {
    return false;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return List.of(new IdentityShortcutOperation(stride, context));
  }
}
