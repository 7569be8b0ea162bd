package org.backdraft.image;

/** What lies outside of a picture. */
public enum Border {
  /** 0: black; of a mask class 0. */
  ZERO,
  /** The nearest pixel. */
  EDGE,
  /** The picture, mirrored at its outermost pixels. */
  MIRROR;

  /** The place in [0, size) that stands for {@code at}, or −1 for the value 0. */
  int place(int at, int size) {
    if (at >= 0 && at < size) {
      return at;
    }
    return switch (this) {
      case ZERO -> -1;
      case EDGE -> at < 0 ? 0 : size - 1;
      case MIRROR -> mirrored(at, size);
    };
  }

  private static int mirrored(int at, int size) {
    if (size == 1) {
      return 0;
    }
    int period = 2 * (size - 1);
    int in = Math.floorMod(at, period);
    return in < size ? in : period - in;
  }
}
