package org.backdraft.tensor;

/**
 * How the activation of one example lies in memory: channels-last, element {@code (c, y, x)} at
 * {@code (y · width + x) · pitch + c}.
 *
 * <p>A vector {@code (features)} is an image of one pixel with that many channels. Between {@code
 * channels} and {@code pitch} lie padding lanes: they hold unspecified values, any kernel may
 * overwrite them and none may let them reach a logical element. Examples follow each other at
 * distance {@link #size()}.
 *
 * @param shape the logical shape, {@code (channels, h, w)} or {@code (features)}
 * @param pitch floats from one pixel to the next, at least {@code channels()}
 */
public record ActivationLayout(Shape shape, int pitch) {
  /** The number of lanes that channels are padded to; every kernel writes whole groups of them. */
  public static final int LANES = 16;

  public ActivationLayout {
    Checks.argument(
        shape.isImage() || shape.isVector(),
        "An activation must be (channels, h, w) or (features): got %s.",
        shape);
    Checks.argument(
        pitch >= shape.dim(0), "The pitch must be at least %d: got %d.", shape.dim(0), pitch);
  }

  /**
   * The layout of an activation inside a network: channels padded to a multiple of {@link #LANES}.
   */
  public static ActivationLayout padded(Shape shape) {
    return new ActivationLayout(shape, roundUpToLanes(shape.dim(0)));
  }

  /** The layout of a network's input: no padding lanes. */
  public static ActivationLayout dense(Shape shape) {
    return new ActivationLayout(shape, shape.dim(0));
  }

  /** The smallest multiple of {@link #LANES} that is at least {@code channels}. */
  public static int roundUpToLanes(int channels) {
    return (channels + LANES - 1) / LANES * LANES;
  }

  public int channels() {
    return shape.dim(0);
  }

  public int height() {
    return shape.isImage() ? shape.dim(1) : 1;
  }

  public int width() {
    return shape.isImage() ? shape.dim(2) : 1;
  }

  /** Height times width: the rows of the matrix {@code (pixels, channels)} that an example is. */
  public int pixels() {
    return height() * width();
  }

  /** Floats per example, padding included. */
  public int size() {
    return pixels() * pitch;
  }

  /** Whether the image has a pixel there. */
  public boolean contains(int y, int x) {
    return y >= 0 && y < height() && x >= 0 && x < width();
  }

  /** The offset of a logical element within its example. */
  public int index(int channel, int y, int x) {
    return (y * width() + x) * pitch + channel;
  }
}
