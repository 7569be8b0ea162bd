package org.backdraft.nn;

import org.backdraft.kernel.Window;
import org.backdraft.tensor.ActivationLayout;

/**
 * A copy of an image into a larger one whose other pixels are, and stay, zero: pixel (y, x) goes to
 * {@code (originY + y, originX + x)}, if that lies inside.
 */
record Halo(ActivationLayout source, int height, int width, int originY, int originX) {
  /** What a window reads of an image, padding included. */
  static Halo around(ActivationLayout image, Window window) {
    return new Halo(
        image,
        image.height() + 2 * window.paddingH(),
        image.width() + 2 * window.paddingW(),
        window.paddingH(),
        window.paddingW());
  }

  /**
   * What the turned window reads of the output's gradient to make that of the input, for stride 1.
   */
  static Halo forTransposed(ActivationLayout gradient, ActivationLayout input, Window window) {
    int reachH = window.dilationH() * (window.kernelH() - 1);
    int reachW = window.dilationW() * (window.kernelW() - 1);
    return new Halo(
        gradient,
        input.height() + reachH,
        input.width() + reachW,
        reachH - window.paddingH(),
        reachW - window.paddingW());
  }

  /** Floats of the larger image. */
  int size() {
    return height * width * source.pitch();
  }

  /** Whether the larger image is the source itself. */
  boolean isIdentity() {
    return height == source.height() && width == source.width() && originY == 0 && originX == 0;
  }

  void copy(float[] from, int fromBase, float[] to, int toBase) {
    int pitch = source.pitch();
    int first = Math.max(0, -originX);
    int last = Math.min(source.width(), width - originX);
    if (last <= first) {
      return;
    }
    int end = Math.min(source.height(), height - originY);
    for (int y = Math.max(0, -originY); y < end; y++) {
      System.arraycopy(
          from,
          fromBase + (y * source.width() + first) * pitch,
          to,
          toBase + ((originY + y) * width + originX + first) * pitch,
          (last - first) * pitch);
    }
  }
}
