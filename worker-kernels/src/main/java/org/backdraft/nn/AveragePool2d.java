package org.backdraft.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * The mean under a sliding window, channel by channel; padding counts as zeros (PyTorch's {@code
 * count_include_pad}), what a window covers beyond the padding in ceil mode does not count.
 *
 * <p>Shapes: input {@code (c, h, w)}, output {@code (c, h', w')} by {@link WindowAxis#outputs}, or
 * {@link WindowAxis#ceilOutputs} in ceil mode, or {@code (c, 1, 1)} for the global form.
 *
 * @param window null for the global form: one window that covers the whole input
 * @param ceil whether a last window that sticks out of the padding counts (PyTorch's {@code
 *     ceil_mode}); false for the global form
 */
public record AveragePool2d(Window window, boolean ceil) implements Layer {
  static final String TYPE = "average_pool2d";

  public AveragePool2d {
    if (window != null) {
      WindowAttributes.checkImage(window, TYPE);
      WindowAttributes.checkPooling(window);
    }
    Checks.argument(
        window != null || !ceil, "Global average pooling has no ceil mode: leave ceil away.");
  }

  /** Without ceil mode. */
  public AveragePool2d(Window window) {
    this(window, false);
  }

  /** A square window that moves by its own size. */
  public static AveragePool2d of(int kernel) {
    return new AveragePool2d(Window.square(kernel, kernel, 0));
  }

  /** One window over the whole input, whatever its size. */
  public static AveragePool2d global() {
    return new AveragePool2d(null);
  }

  static AveragePool2d read(LayerAttributes attributes) {
    if (attributes.flag("global", false)) {
      Checks.argument(
          WindowAttributes.NAMES.stream().noneMatch(attributes::has)
              && !attributes.has(WindowAttributes.CEIL),
          "A global average_pool2d layer covers the whole input: leave %s and %s away.",
          WindowAttributes.NAMES,
          WindowAttributes.CEIL);
      return global();
    }
    return new AveragePool2d(
        WindowAttributes.read(attributes, WindowAttributes.IMAGE, true),
        attributes.flag(WindowAttributes.CEIL, false));
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    if (window == null) {
      attributes.put("global", true);
    } else {
      WindowAttributes.write(window, WindowAttributes.IMAGE, attributes);
      attributes.put(WindowAttributes.CEIL, ceil);
    }
    return attributes;
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    Shape input = Inputs.image(inputs);
    return WindowAttributes.pooled(windowOver(input, window), ceil, input);
  }

  @Override
  public Optional<Window> window(List<Shape> inputs) {
    return Optional.of(windowOver(Inputs.image(inputs), window));
  }

  @Override
  public boolean readsDenseInput() {
    return true;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return List.of(
        new AveragePoolOperation(windowOver(context.input(0).layout().shape(), window), context));
  }

  private static Window windowOver(Shape input, Window window) {
    return window != null ? window : new Window(input.dim(1), input.dim(2), 1, 1, 0, 0, 1, 1);
  }
}
