package org.backdraft.nn;

import java.util.List;
import java.util.Locale;
import org.backdraft.tensor.Shape;

/** Checks of the shapes that a layer gets. */
final class Inputs {
  private Inputs() {}

  /** The only input, or a {@link ShapeException}. */
  static Shape only(List<Shape> inputs) {
    require(inputs.size() == 1, "must have one input: got %d.", inputs.size());
    return inputs.get(0);
  }

  /** The only input, which must be an image. */
  static Shape image(List<Shape> inputs) {
    Shape input = only(inputs);
    require(
        input.isImage(),
        "input must be an image (channels, h, w): got %s. Put the layer before the flatten layer.",
        input);
    return input;
  }

  /** The only input, which must be a volume. */
  static Shape volume(List<Shape> inputs) {
    Shape input = only(inputs);
    require(
        input.isVolume(),
        "input must be a volume (channels, d, h, w): got %s. Give images a depth, or use the layer"
            + " for images.",
        input);
    return input;
  }

  /**
   * The only input, which must be an image or a volume.
   *
   * @param axes {@link WindowAttributes#IMAGE} or {@link WindowAttributes#VOLUME}
   */
  static Shape withAxes(List<Shape> inputs, int axes) {
    return axes == WindowAttributes.IMAGE ? image(inputs) : volume(inputs);
  }

  /** The only input, which must be a volume, an image or a vector. */
  static Shape activation(List<Shape> inputs) {
    Shape input = only(inputs);
    requireActivation(input);
    return input;
  }

  static void requireActivation(Shape input) {
    require(
        input.isImage() || input.isVolume() || input.isVector(),
        "input must be (channels, h, w), (channels, d, h, w) or (features): got %s.",
        input);
  }

  static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new ShapeException(String.format(Locale.ROOT, message, values));
    }
  }
}
