package org.backdraft.checkpoint;

import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * A float32 tensor with a name, as model files hold it. The array is shared, not copied: its owner
 * keeps it unchanged.
 *
 * @param name unique in its file
 * @param shape logical: {@code (out, in, h, w)}, {@code (channels)} …
 * @param values in logical row-major order
 */
public record NamedTensor(String name, Shape shape, float[] values) {
  public NamedTensor {
    Checks.argument(
        values.length == shape.elements(),
        "Tensor '%s' of shape %s must have %d values: got %d.",
        name,
        shape,
        shape.elements(),
        values.length);
  }
}
