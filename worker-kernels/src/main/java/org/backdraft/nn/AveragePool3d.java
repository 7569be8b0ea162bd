package org.backdraft.nn;

import java.util.List;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.Checks;

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
public record AveragePool3d(Window window, boolean ceil) implements PoolingLayer {
  static final String TYPE = "average_pool3d";

  public AveragePool3d {
    if (window != null) {
      PoolingLayer.check(window, WindowAttributes.VOLUME, TYPE);
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
    return PoolingLayer.readWithGlobal(
        attributes, WindowAttributes.VOLUME, TYPE, AveragePool3d::new);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public int axes() {
    return WindowAttributes.VOLUME;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    Window covered = windowOver(context.input(0).layout().shape());
    return List.of(new AveragePoolOperation(covered, context));
  }
}
