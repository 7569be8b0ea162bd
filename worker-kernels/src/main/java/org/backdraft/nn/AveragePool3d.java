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
 * <p>Shapes: input {@code (c, d, h, w)}, output {@code (c, d', h', w')} by {@link
 * WindowAxis#outputs}, or {@link WindowAxis#ceilOutputs} in ceil mode, or {@code (c, 1, 1, 1)} for
 * the global form.
 *
 * @param window null for the global form: one window that covers the whole input
 * @param ceil whether a last window that sticks out of the padding counts (PyTorch's {@code
 *     ceil_mode}); false for the global form
 */
public record AveragePool3d(Window window, boolean ceil) implements Layer {
  static final String TYPE = "average_pool3d";

  public AveragePool3d {
    if (window != null) {
      WindowAttributes.checkPooling(window);
    }
    Checks.argument(
        window != null || !ceil, "Global average pooling has no ceil mode: leave ceil away.");
  }

  /** Without ceil mode. */
  public AveragePool3d(Window window) {
    this(window, false);
  }

  /** A cubic window that moves by its own size. */
  public static AveragePool3d of(int kernel) {
    return new AveragePool3d(Window.cube(kernel, kernel, 0));
  }

  /** One window over the whole input, whatever its size. */
  public static AveragePool3d global() {
    return new AveragePool3d(null);
  }

  static AveragePool3d read(LayerAttributes attributes) {
    if (attributes.flag("global", false)) {
      Checks.argument(
          WindowAttributes.NAMES.stream().noneMatch(attributes::has)
              && !attributes.has(WindowAttributes.CEIL),
          "A global average_pool3d layer covers the whole input: leave %s and %s away.",
          WindowAttributes.NAMES,
          WindowAttributes.CEIL);
      return global();
    }
    return new AveragePool3d(
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
    if (window == null) {
      attributes.put("global", true);
    } else {
      WindowAttributes.write(window, WindowAttributes.VOLUME, attributes);
      attributes.put(WindowAttributes.CEIL, ceil);
    }
    return attributes;
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    Shape input = Inputs.volume(inputs);
    return WindowAttributes.pooled(windowOver(input, window), ceil, input);
  }

  @Override
  public Optional<Window> window(List<Shape> inputs) {
    return Optional.of(windowOver(Inputs.volume(inputs), window));
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
    return window != null
        ? window
        : new Window(whole(input.dim(1)), whole(input.dim(2)), whole(input.dim(3)));
  }

  private static WindowAxis whole(int extent) {
    return new WindowAxis(extent, 1, 0, 1);
  }
}
