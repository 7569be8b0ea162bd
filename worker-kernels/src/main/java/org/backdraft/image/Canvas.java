package org.backdraft.image;

import org.backdraft.tensor.Checks;

/**
 * A picture being worked on: values in [0, 255], plane after plane, and where there is a mask a
 * class for each pixel. Its memory grows to the largest picture it has held; used by one thread.
 */
public final class Canvas {
  private final int channels;
  private final boolean hasMask;
  private int height;
  private int width;
  private float[] values = {};
  private int[] mask = {};

  /**
   * @param channels planes of values, at least 1
   * @param hasMask whether each pixel has a class too
   */
  public Canvas(int channels, boolean hasMask) {
    Checks.argument(channels >= 1, "A picture must have at least 1 channel: got %d.", channels);
    this.channels = channels;
    this.hasMask = hasMask;
  }

  /** Makes this a picture of that size, whose pixels are still to be written. */
  public Canvas reset(int newHeight, int newWidth) {
    long pixels = (long) newHeight * newWidth;
    if (newHeight < 1 || newWidth < 1 || pixels * channels > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(
          "A picture must have 1 to 2^31 values: got %d x %d x %d."
              .formatted(channels, newHeight, newWidth));
    }
    height = newHeight;
    width = newWidth;
    if (values.length < pixels * channels) {
      values = new float[(int) pixels * channels];
    }
    if (hasMask && mask.length < pixels) {
      mask = new int[(int) pixels];
    }
    return this;
  }

  public int channels() {
    return channels;
  }

  public int height() {
    return height;
  }

  public int width() {
    return width;
  }

  /** Height times width. */
  public int pixels() {
    return height * width;
  }

  /** Channel c of pixel (y, x) is element {@code (c · height + y) · width + x}. */
  public float[] values() {
    return values;
  }

  public boolean hasMask() {
    return hasMask;
  }

  /** The class of pixel (y, x) is element {@code y · width + x}. */
  public int[] mask() {
    return mask;
  }
}
