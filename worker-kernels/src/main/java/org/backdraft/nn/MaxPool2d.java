package org.backdraft.nn;

import java.util.List;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;

/**
 * The largest element under a sliding window, channel by channel; padding never wins.
 *
 * <p>Shapes: input {@code (c, h, w)}, output {@code (c, h', w')} by {@link WindowAxis#outputs}, or
 * {@link WindowAxis#ceilOutputs} in ceil mode.
 *
 * @param ceil whether a last window that sticks out of the padding counts (PyTorch's {@code
 *     ceil_mode})
 */
public record MaxPool2d(Window window, boolean ceil) implements PoolingLayer {
  static final String TYPE = "max_pool2d";

  public MaxPool2d {
    PoolingLayer.check(window, WindowAttributes.IMAGE, TYPE);
    MaxPoolOperation.check(window, TYPE);
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
    return PoolingLayer.read(attributes, WindowAttributes.IMAGE, MaxPool2d::new);
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
    return List.of(new MaxPoolOperation(window, context));
  }
}
