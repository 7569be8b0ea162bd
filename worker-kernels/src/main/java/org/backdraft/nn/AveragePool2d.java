package org.backdraft.nn;

import java.util.List;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.Checks;

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
public record AveragePool2d(Window window, boolean ceil) implements PoolingLayer {
  static final String TYPE = "average_pool2d";

  public AveragePool2d {
    if (window != null) {
      PoolingLayer.check(window, WindowAttributes.IMAGE, TYPE);
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
    return PoolingLayer.readWithGlobal(
        attributes, WindowAttributes.IMAGE, TYPE, AveragePool2d::new);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public int axes() {
    return WindowAttributes.IMAGE;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    Window covered = windowOver(context.input(0).layout().shape());
    return List.of(new AveragePoolOperation(covered, context));
  }
}
