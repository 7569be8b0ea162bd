package org.backdraft.tensor;

/**
 * How the activation of one example lies in memory: channels-last, element {@code (c, z, y, x)} at
 * {@code ((z · height + y) · width + x) · pitch + c}.
 *
 * <p>An image is a volume of depth 1, a vector {@code (features)} an image of one pixel with that
 * many channels. Between {@code channels} and {@code pitch} lie padding lanes: they hold
 * unspecified values, any kernel may overwrite them and none may let them reach a logical element.
 * Examples follow each other at distance {@link #size()}.
 *
 * @param shape the logical shape, {@code (channels, h, w)}, {@code (channels, d, h, w)} or {@code
 *     (features)}
 * @param pitch floats from one pixel to the next, at least {@code channels()}
 */
public record ActivationLayout(Shape shape, int pitch) {
  /** The number of lanes that channels are padded to; every kernel writes whole groups of them. */
  public static final int LANES = 16;

  public ActivationLayout {
    Checks.argument(
        shape.isImage() || shape.isVolume() || shape.isVector(),
        "An activation must be (channels, h, w), (channels, d, h, w) or (features): got %s.",
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

  public int depth() {
    return shape.isVolume() ? shape.dim(1) : 1;
  }

  public int height() {
    return shape.isVector() ? 1 : shape.dim(shape.dims() - 2);
  }

  public int width() {
    return shape.isVector() ? 1 : shape.dim(shape.dims() - 1);
  }

  /**
   * Depth times height times width: the rows of the matrix {@code (pixels, channels)} that an
   * example is.
   */
  public int pixels() {
    return depth() * height() * width();
  }

  /** Floats per example, padding included. */
  public int size() {
    return pixels() * pitch;
  }

  /** Whether the volume has a pixel there. */
  public boolean contains(int z, int y, int x) {
    return z >= 0 && z < depth() && y >= 0 && y < height() && x >= 0 && x < width();
  }

  /** The offset of a logical element of an image within its example. */
  public int index(int channel, int y, int x) {
    return (y * width() + x) * pitch + channel;
  }

  /** Likewise of a volume. */
  public int index(int channel, int z, int y, int x) {
    return ((z * height() + y) * width() + x) * pitch + channel;
  }
}
