package org.backdraft.nn;

import org.backdraft.tensor.ActivationLayout;

/**
 * A copy of an image into a larger one whose other pixels are, and stay, zero: pixel (y, x) goes to
 * {@code (originY + y · stepY, originX + x · stepX)}, if that lies inside.
 */
record Halo(
    ActivationLayout source,
    int height,
    int width,
    int originY,
    int originX,
    int stepY,
    int stepX) {

  /** Floats of the larger image. */
  int size() {
    return height * width * source.pitch();
  }

  /** Whether the larger image is the source itself. */
  boolean isIdentity() {
    return height == source.height()
        && width == source.width()
        && originY == 0
        && originX == 0
        && stepY == 1
        && stepX == 1;
  }

  void copy(float[] from, int fromBase, float[] to, int toBase) {
    int pitch = source.pitch();
    int sourceWidth = source.width();
    int first = Math.max(0, -originX);
    int last = Math.min(sourceWidth, width - originX);
    for (int y = 0; y < source.height(); y++) {
      int row = originY + y * stepY;
      if (row < 0 || row >= height) {
        continue;
      }
      int fromRow = fromBase + y * sourceWidth * pitch;
      int toRow = toBase + row * width * pitch;
      if (stepX == 1) {
        if (last > first) {
          System.arraycopy(
              from,
              fromRow + first * pitch,
              to,
              toRow + (originX + first) * pitch,
              (last - first) * pitch);
        }
        continue;
      }
      for (int x = 0; x < sourceWidth; x++) {
        int column = originX + x * stepX;
        if (column >= 0 && column < width) {
          System.arraycopy(from, fromRow + x * pitch, to, toRow + column * pitch, pitch);
        }
      }
    }
  }
}
