package org.backdraft.nn;

import java.util.List;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;

/**
 * The largest element under a sliding window, channel by channel; padding never wins.
 *
 * <p>Shapes: input {@code (c, d, h, w)}, output {@code (c, d', h', w')} by {@link
 * WindowAxis#outputs}, or {@link WindowAxis#ceilOutputs} in ceil mode.
 *
 * @param ceil whether a last window that sticks out of the padding counts (PyTorch's {@code
 *     ceil_mode})
 */
public record MaxPool3d(Window window, boolean ceil) implements PoolingLayer {
  static final String TYPE = "max_pool3d";

  public MaxPool3d {
    PoolingLayer.check(window, WindowAttributes.VOLUME, TYPE);
    MaxPoolOperation.check(window, TYPE);
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
    return PoolingLayer.read(attributes, WindowAttributes.VOLUME, MaxPool3d::new);
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
    return List.of(new MaxPoolOperation(window, context));
  }
}
