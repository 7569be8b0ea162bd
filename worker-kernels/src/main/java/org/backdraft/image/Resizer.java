package org.backdraft.image;

/**
 * Resizes a part of a picture, first along rows, then along columns: linear interpolation where it
 * grows, and where it shrinks a triangle as wide as the pixels that fall together, so that nothing
 * is skipped (what Pillow and torchvision call bilinear with antialiasing). Weights of a pixel are
 * divided by their sum, so that a constant stays one.
 *
 * <p>Used by one thread; allocates nothing after the largest picture.
 */
public final class Resizer {
  private float[] wide = {};
  private int[] firsts = {};
  private int[] counts = {};
  private float[] weights = {};

  /** The whole source in the size {@code (height, width)}. */
  public void resize(Canvas source, int height, int width, Canvas target) {
    resize(source, 0, 0, source.height(), source.width(), height, width, target);
  }

  /**
   * A part of the source, {@code [top, top + partHeight) × [left, left + partWidth)}, in the size
   * {@code (height, width)}; the mask, if any, takes the nearest pixels.
   *
   * @param target another canvas
   */
  public void resize(
      Canvas source,
      int top,
      int left,
      int partHeight,
      int partWidth,
      int height,
      int width,
      Canvas target) {
    target.reset(height, width);
    int channels = source.channels();
    if (wide.length < channels * source.height() * width) { // whatever part comes next
      wide = new float[channels * source.height() * width];
    }
    int taps = weigh(left, partWidth, source.width(), width);
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < partHeight; y++) {
        int from = (c * source.height() + top + y) * source.width();
        int to = (c * partHeight + y) * width;
        for (int x = 0; x < width; x++) {
          int first = from + firsts[x];
          float sum = 0;
          for (int k = 0; k < counts[x]; k++) {
            sum += weights[x * taps + k] * source.values()[first + k];
          }
          wide[to + x] = sum;
        }
      }
    }
    taps = weigh(0, partHeight, source.height(), height);
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height; y++) {
        int from = (c * partHeight + firsts[y]) * width;
        int to = (c * height + y) * width;
        for (int x = 0; x < width; x++) {
          float sum = 0;
          for (int k = 0; k < counts[y]; k++) {
            sum += weights[y * taps + k] * wide[from + k * width + x];
          }
          target.values()[to + x] = sum;
        }
      }
    }
    if (source.hasMask()) {
      nearest(source, top, left, partHeight, partWidth, target);
    }
  }

  private static void nearest(
      Canvas source, int top, int left, int partHeight, int partWidth, Canvas target) {
    for (int y = 0; y < target.height(); y++) {
      int fromY = top + (int) ((2L * y + 1) * partHeight / (2L * target.height()));
      for (int x = 0; x < target.width(); x++) {
        int fromX = left + (int) ((2L * x + 1) * partWidth / (2L * target.width()));
        target.mask()[y * target.width() + x] = source.mask()[fromY * source.width() + fromX];
      }
    }
  }

  /**
   * Where the pixels of one axis come from, and with which weights.
   *
   * @return the most pixels that one comes from, if the whole axis were resized
   */
  private int weigh(int begin, int part, int whole, int size) {
    double scale = (double) part / size;
    double reach = Math.max(1, scale);
    int taps = (int) (2 * Math.max(1, (double) whole / size)) + 3;
    if (firsts.length < size) {
      firsts = new int[size];
      counts = new int[size];
    }
    if (weights.length < size * taps) {
      weights = new float[size * taps];
    }
    for (int at = 0; at < size; at++) {
      double middle = (at + 0.5) * scale;
      int first = Math.max(0, (int) (middle - reach));
      int end = Math.min(part, (int) (middle + reach) + 1);
      double sum = 0;
      for (int i = first; i < end; i++) {
        sum += triangle(i, middle, reach);
      }
      firsts[at] = begin + first;
      counts[at] = end - first;
      for (int i = first; i < end; i++) {
        weights[at * taps + i - first] = (float) (triangle(i, middle, reach) / sum);
      }
    }
    return taps;
  }

  private static double triangle(int pixel, double middle, double reach) {
    return Math.max(0, 1 - Math.abs(pixel + 0.5 - middle) / reach);
  }
}
