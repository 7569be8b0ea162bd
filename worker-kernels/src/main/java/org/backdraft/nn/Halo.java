package org.backdraft.nn;

import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.ActivationLayout;

/**
 * A copy of a volume into a larger one whose other pixels are, and stay, zero: pixel (z, y, x) goes
 * to {@code (originZ + z, originY + y, originX + x)}, if that lies inside.
 *
 * @param pitch floats from one pixel to the next: the source's, or its channels where padding lanes
 *     are left out
 */
record Halo(
    ActivationLayout source,
    int pitch,
    int depth,
    int height,
    int width,
    int originZ,
    int originY,
    int originX) {
  /** What a window reads of a volume, padding included. */
  static Halo around(ActivationLayout volume, Window window) {
    return new Halo(
        volume,
        volume.pitch(),
        volume.depth() + 2 * window.depth().padding(),
        volume.height() + 2 * window.height().padding(),
        volume.width() + 2 * window.width().padding(),
        window.depth().padding(),
        window.height().padding(),
        window.width().padding());
  }

  /**
   * What the turned window reads of the output's gradient to make that of the input, for stride 1.
   */
  static Halo forTransposed(ActivationLayout gradient, ActivationLayout input, Window window) {
    return new Halo(
        gradient,
        gradient.pitch(),
        input.depth() + window.depth().reach(),
        input.height() + window.height().reach(),
        input.width() + window.width().reach(),
        origin(window.depth()),
        origin(window.height()),
        origin(window.width()));
  }

  private static int origin(WindowAxis axis) {
    return axis.reach() - axis.padding();
  }

  /** The same without padding lanes, so that neighbouring pixels make longer runs. */
  Halo withoutPaddingLanes() {
    return new Halo(source, source.channels(), depth, height, width, originZ, originY, originX);
  }

  /** Floats of the larger volume. */
  int size() {
    return depth * height * width * pitch;
  }

  /** The offset of a pixel of the larger volume. */
  int index(int z, int y, int x) {
    return ((z * height + y) * width + x) * pitch;
  }

  /** Whether the larger volume is the source itself. */
  boolean isIdentity() {
    return pitch == source.pitch()
        && depth == source.depth()
        && height == source.height()
        && width == source.width()
        && originZ == 0
        && originY == 0
        && originX == 0;
  }

  void copy(float[] from, int fromBase, float[] to, int toBase) {
    int first = Math.max(0, -originX);
    int last = Math.min(source.width(), width - originX);
    if (last <= first) {
      return;
    }
    int endZ = Math.min(source.depth(), depth - originZ);
    int endY = Math.min(source.height(), height - originY);
    for (int z = Math.max(0, -originZ); z < endZ; z++) {
      for (int y = Math.max(0, -originY); y < endY; y++) {
        copyPixels(
            from,
            fromBase + source.index(0, z, y, first),
            to,
            toBase + index(originZ + z, originY + y, originX + first),
            last - first);
      }
    }
  }

  private void copyPixels(float[] from, int fromAt, float[] to, int toAt, int pixels) {
    if (pitch == source.pitch()) {
      System.arraycopy(from, fromAt, to, toAt, pixels * pitch);
      return;
    }
    for (int p = 0; p < pixels; p++) { // too few channels for the call of an array copy
      int at = fromAt + p * source.pitch();
      for (int i = 0; i < pitch; i++) {
        to[toAt + p * pitch + i] = from[at + i];
      }
    }
  }
}
