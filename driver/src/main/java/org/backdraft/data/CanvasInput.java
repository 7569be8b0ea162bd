package org.backdraft.data;

import org.backdraft.image.Canvas;
import org.backdraft.tensor.ActivationLayout;

/**
 * Writes pictures as a network's input: element {@code (c, y, x)} is {@code value · scale[c] +
 * shift[c]}, channels-last. Used by one thread.
 */
final class CanvasInput {
  private final float[] scale;
  private final float[] shift;
  private final ActivationLayout layout;

  CanvasInput(Decoder decoder, ActivationLayout layout) {
    scale = decoder.scale();
    shift = decoder.shift();
    this.layout = layout;
  }

  /** Writes a picture of the layout's size to {@code target[base, base + layout.size())}. */
  void write(Canvas canvas, float[] target, int base) {
    int pitch = layout.pitch();
    int pixels = canvas.pixels();
    float[] values = canvas.values();
    for (int c = 0; c < canvas.channels(); c++) {
      int from = c * pixels;
      int to = base + c;
      for (int p = 0; p < pixels; p++) {
        target[to + p * pitch] = values[from + p] * scale[c] + shift[c];
      }
    }
  }
}
