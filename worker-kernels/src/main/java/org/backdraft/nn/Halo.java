package org.backdraft.nn;

import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.ActivationLayout;

/**
 * A copy of a volume into a larger one whose other pixels are, and stay, zero: pixel (z, y, x) goes
 * to {@code (originZ + z, originY + y, originX + x)}, if that lies inside.
 */
record Halo(
    ActivationLayout source,
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

  /** Floats of the larger volume. */
  int size() {
    return depth * height * width * source.pitch();
  }

  /** The offset of a pixel of the larger volume. */
  int index(int z, int y, int x) {
    return ((z * height + y) * width + x) * source.pitch();
  }

  /** Whether the larger volume is the source itself. */
  boolean isIdentity() {
    return depth == source.depth()
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
    int length = (last - first) * source.pitch();
    int endZ = Math.min(source.depth(), depth - originZ);
    int endY = Math.min(source.height(), height - originY);
    for (int z = Math.max(0, -originZ); z < endZ; z++) {
      for (int y = Math.max(0, -originY); y < endY; y++) {
        System.arraycopy(
            from,
            fromBase + source.index(0, z, y, first),
            to,
            toBase + index(originZ + z, originY + y, originX + first),
            length);
      }
    }
  }
}
