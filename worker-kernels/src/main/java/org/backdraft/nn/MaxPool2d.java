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
 * The largest element under a sliding window, channel by channel; padding never wins.
 *
 * <p>Shapes: input {@code (c, h, w)}, output {@code (c, h', w')} by {@link WindowAxis#outputs}, or
 * {@link WindowAxis#ceilOutputs} in ceil mode.
 *
 * @param ceil whether a last window that sticks out of the padding counts (PyTorch's {@code
 *     ceil_mode})
 */
public record MaxPool2d(Window window, boolean ceil) implements Layer {
  static final String TYPE = "max_pool2d";

  public MaxPool2d {
    WindowAttributes.checkImage(window, TYPE);
    WindowAttributes.checkPooling(window);
    checkTaps(window, TYPE);
  }

  static void checkTaps(Window window, String type) {
    Checks.argument(
        window.taps() <= Short.MAX_VALUE,
        "The window of a %s layer must have at most %d elements: got %s.",
        type,
        Short.MAX_VALUE,
        window);
  }

  /** Without ceil mode. */
  public MaxPool2d(Window window) {
    this(window, false);
  }

  /** A square window that moves by its own size. */
  public static MaxPool2d of(int kernel) {
    return new MaxPool2d(Window.square(kernel, kernel, 0));
  }

  static MaxPool2d read(LayerAttributes attributes) {
    return new MaxPool2d(
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
    WindowAttributes.write(window, WindowAttributes.IMAGE, attributes);
    attributes.put(WindowAttributes.CEIL, ceil);
    return attributes;
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    return WindowAttributes.pooled(window, ceil, Inputs.image(inputs));
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
    return List.of(new MaxPoolOperation(window, context));
  }
}
