package org.backdraft.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.Shape;

/**
 * The largest element under a sliding window, channel by channel; padding never wins.
 *
 * <p>Shapes: input {@code (c, d, h, w)}, output {@code (c, d', h', w')} by {@link
 * WindowAxis#outputs}, or {@link WindowAxis#ceilOutputs} in ceil mode.
 *
 * @param ceil whether a last window that sticks out of the padding counts (PyTorch's {@code
 *     ceil_mode})
 */
public record MaxPool3d(Window window, boolean ceil) implements Layer {
  static final String TYPE = "max_pool3d";

  public MaxPool3d {
    WindowAttributes.checkPooling(window);
    MaxPool2d.checkTaps(window, TYPE);
  }

  /** Without ceil mode. */
  public MaxPool3d(Window window) {
    this(window, false);
  }

  /** A cubic window that moves by its own size. */
  public static MaxPool3d of(int kernel) {
    return new MaxPool3d(Window.cube(kernel, kernel, 0));
  }

  static MaxPool3d read(LayerAttributes attributes) {
    return new MaxPool3d(
        WindowAttributes.read(attributes, WindowAttributes.VOLUME, true),
        attributes.flag(WindowAttributes.CEIL, false));
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    WindowAttributes.write(window, WindowAttributes.VOLUME, attributes);
    attributes.put(WindowAttributes.CEIL, ceil);
    return attributes;
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    return WindowAttributes.pooled(window, ceil, Inputs.volume(inputs));
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
